/** Sends what must not get lost until the server has said something about it. */

import { ApiError } from "./requests";

/** Milliseconds before what did not get through is sent again. */
const AGAIN = 5000;

/** Added to a wait that the server asks for, so that two clocks need not agree to the millisecond. */
const MARGIN = 50;

/** Refusals that hold for everything in the batch: signed out, excluded, or not one's own any more. */
const ENDS: ReadonlySet<string> = new Set(["sign_in", "excluded", "unknown"]);

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether the server takes nothing more of the batch from whoever is asking. */
export const endsAll = (fault: unknown): fault is ApiError =>
  fault instanceof ApiError && ENDS.has(fault.code);

/**
 * Returns what the server answers to a request that counts once however often it is sent.
 *
 * It is sent again while the server is away, and after the wait where it came too soon.
 *
 * @param send - Sends it, each time with the same key.
 * @param asked - Hears of the seconds that the server wants to be waited.
 * @throws ApiError - the server turned it down.
 */
export async function untilHeard<T>(
  send: () => Promise<T>,
  asked: (seconds: number) => void = () => undefined,
  wait: (milliseconds: number) => Promise<void> = pause,
): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (fault) {
      if (!(fault instanceof ApiError)) throw fault;
      if (fault.status === 0 || fault.status >= 500) await wait(AGAIN);
      else if (fault.code === "too_soon") {
        const seconds = Number(fault.details.seconds_to_wait);
        asked(seconds);
        await wait(seconds * 1000 + MARGIN);
      } else throw fault;
    }
  }
}
