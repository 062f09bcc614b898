/** From one game to the next: what is asked of the server, and where the player gets. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { After, Finish } from "../lib/api";
import { ApiError } from "../lib/requests";
import { LeftOut } from "./leftOut";
import { Onward, type Ways } from "./onward";

const NOTHING: After = { forms: [], completion: null, more: true };
const ONCE = ["sus", "tlx"];
const DUE: readonly [string, After][] = [
  ["a form", { ...NOTHING, forms: ["sus"] }],
  ["a form after each game", { ...NOTHING, forms: ["difficulty"] }],
  ["a panel's code", { ...NOTHING, completion: { code: "C0DE42", url: "" } }],
  ["the end of a visit", { ...NOTHING, more: false }],
];

/** Says what comes after a batch, and writes down where it was asked to lead. */
class Paths implements Ways {
  readonly gone: string[] = [];
  faults: ApiError[] = [];

  constructor(public after: After) {}

  async finish(batch: string): Promise<Finish> {
    this.gone.push(`finish ${batch}`);
    const fault = this.faults.shift();
    if (fault) throw fault;
    return { finished: true, ...this.after };
  }

  due(): void {
    this.gone.push("due");
  }

  async another(ended?: string): Promise<void> {
    this.gone.push(ended ? `another after ${ended}` : "another");
  }
}

let leftOut: LeftOut;

const onward = (paths: Paths): Onward => new Onward(paths, leftOut, ONCE);

const patiently = async (work: Promise<unknown>): Promise<void> => {
  await vi.runAllTimersAsync();
  await work;
};

beforeEach(() => {
  vi.useFakeTimers();
  leftOut = new LeftOut(null);
});
afterEach(() => void vi.useRealTimers());

describe("the next game", () => {
  it("is asked for once, and the same request ends the game before", async () => {
    const paths = new Paths(NOTHING);
    await onward(paths).next("b1", NOTHING);
    expect(paths.gone).toEqual(["another after b1"]);
  });

  it.each(DUE)("comes after %s", async (_what, after) => {
    const paths = new Paths(after);
    await onward(paths).next("b1", after);
    expect(paths.gone).toEqual(["finish b1", "due"]);
  });

  it("comes at once again where a form was left out, but not where each game has one", async () => {
    const after = { ...NOTHING, forms: ["tlx", "sus"] };
    const paths = new Paths(after);
    const way = onward(paths);
    await way.next("b1", after);
    await way.next("b2", after);
    expect(paths.gone).toEqual(["finish b1", "due", "another after b2"]);
    paths.after = { ...after, forms: ["sus", "difficulty"] };
    await way.next("b3", paths.after);
    expect(paths.gone.slice(3)).toEqual(["finish b3", "due"]);
  });

  it("comes once the batch has ended, where the page was loaded after the game", async () => {
    const paths = new Paths(NOTHING);
    await onward(paths).next("b1", null);
    expect(paths.gone).toEqual(["finish b1", "another"]);
  });

  it.each(DUE)("comes after %s also where only the batch's end tells of it", async (_, after) => {
    const paths = new Paths(after);
    await onward(paths).next("b1", null);
    expect(paths.gone).toEqual(["finish b1", "due"]);
  });

  it("comes where what was due is so no longer", async () => {
    const paths = new Paths(NOTHING);
    await onward(paths).next("b1", { ...NOTHING, forms: ["sus"] });
    expect(paths.gone).toEqual(["finish b1", "another"]);
  });
});

describe("another page", () => {
  it("is shown once the batch has ended, also where the server was away", async () => {
    const paths = new Paths(NOTHING);
    paths.faults = [new ApiError(0, "offline", "Away."), new ApiError(503, "away", "Away.")];
    await patiently(onward(paths).leave("b1", () => paths.gone.push("leaderboard")));
    expect(paths.gone).toEqual(["finish b1", "finish b1", "finish b1", "leaderboard"]);
  });

  it.each(DUE)("waits for %s", async (_what, after) => {
    const paths = new Paths(after);
    await onward(paths).leave("b1", () => paths.gone.push("leaderboard"));
    expect(paths.gone).toEqual(["finish b1", "due"]);
  });

  it("is not shown where the server turns the end down, and nor is another game", async () => {
    const refusal = new ApiError(409, "unfinished", "Not all is answered.");
    const paths = new Paths(NOTHING);
    paths.faults = [refusal, refusal];
    const way = onward(paths);
    await expect(way.leave("b1", () => paths.gone.push("leaderboard"))).rejects.toBe(refusal);
    await expect(way.next("b1", null)).rejects.toBe(refusal);
    expect(paths.gone).toEqual(["finish b1", "finish b1"]);
  });
});
