import { expect, it } from "vitest";
import { endsAll, untilHeard } from "./hearing";
import { ApiError } from "./requests";

const refusal = (status: number, code: string, details = {}): ApiError =>
  new ApiError(status, code, "No.", details);

/** Fails with each of these in turn, then answers. */
function failing(...faults: unknown[]): () => Promise<string> {
  return async () => {
    if (faults.length) throw faults.shift();
    return "there";
  };
}

it("goes on while the server is away, and waits as long as it asks for", async () => {
  const [waits, asked]: [number[], number[]] = [[], []];
  const send = failing(
    refusal(0, "offline"),
    refusal(503, "away"),
    refusal(409, "too_soon", { seconds_to_wait: 1.5 }),
  );
  const heard = await untilHeard(
    send,
    (seconds) => asked.push(seconds),
    async (milliseconds) => void waits.push(milliseconds),
  );
  expect(heard).toBe("there");
  expect(asked).toEqual([1.5]);
  expect(waits).toEqual([5000, 5000, 1550]);
});

it("takes a refusal, and a mistake of the page, as an answer", async () => {
  for (const fault of [refusal(409, "gone"), new TypeError("a mistake")])
    await expect(untilHeard(failing(fault))).rejects.toBe(fault);
});

it("knows which refusals end a batch", () => {
  expect(["sign_in", "excluded", "unknown", "gone", "offline"].map((code) => endsAll(refusal(409, code)))).toEqual([true, true, true, false, false]); // prettier-ignore
  expect(endsAll(new TypeError())).toBe(false);
});
