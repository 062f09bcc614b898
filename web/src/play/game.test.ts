/** A game against a server that keeps the rules, as far as a page can tell. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Backups } from "../lib/backup";
import { ApiError } from "../lib/requests";
import type { Action, GameBatch, GameBody, GameOver, GameReceipt, Shown } from "./api";
import { type Around, Game, type GameServer, type Tags } from "./game.svelte";

const OPTIONS = ["watch", "bonsai", "leopards"];
const START: Shown = {
  phase: "guess",
  picture: "/pictures/0",
  hints: 0,
  most_hints: 5,
  points: 300,
  price: 50,
  tag_bonus: 25,
  options: OPTIONS,
  guess: null,
};

class RulingServer implements GameServer {
  shown: Shown = START;
  readonly keys: string[] = [];
  readonly drafts: Tags[] = [];
  answered: GameBody | null = null;
  readonly after = { forms: ["tlx"], completion: null, more: true };
  /** How often the game was ended, and how often a page asked how it stands. */
  ends = 0;
  looks = 0;
  /** Thrown before, or after, the next requests are done; "lost": done, but the reply is lost. */
  faults: (ApiError | "lost" | null)[] = [];
  private readonly done = new Set<string>();

  async act(_assignment: string, action: Action, key: string) {
    this.meet(key, () => this.take(action));
    return { shown: this.shown, seconds_to_wait: 0 };
  }

  async answer(_assignment: string, body: GameBody, key: string): Promise<GameReceipt> {
    this.meet(key, () => this.end(body));
    const { after } = this;
    return { position: 0, done: 1, size: 1, shown: this.shown as GameOver, after };
  }

  async look(): Promise<GameBatch> {
    this.looks += 1;
    return batchOf(this.shown);
  }

  async saveDraft(_assignment: string, _number: number, body: Tags) {
    this.drafts.push(body);
  }

  private meet(key: string, work: () => void): void {
    this.keys.push(key);
    const fault = this.faults.shift() ?? null;
    if (fault instanceof ApiError) throw fault;
    if (!this.done.has(key)) work();
    this.done.add(key);
    if (fault === "lost") throw new ApiError(0, "offline", "Away.");
  }

  private take(given: Action): void {
    if (this.shown.phase !== "guess") throw new ApiError(409, "too_late", "Too late.");
    if (given.action === "guess")
      this.shown = { ...this.shown, phase: "tag", guess: given.body.option };
    else {
      const hints = this.shown.hints + 1;
      this.shown = {
        ...this.shown,
        hints,
        points: 300 - 50 * hints,
        picture: `/pictures/${hints}`,
      };
    }
  }

  private end(body: GameBody): void {
    this.answered = body;
    this.ends += 1;
    const tags = "tags" in body ? body.tags : [];
    const rest = { whole: "/pictures/whole", bonus: 0, streak: 0, score: 0, tags };
    const outcome = "resign" in body ? "resign" : this.shown.guess === 0 ? "win" : "loss";
    this.shown = { ...this.shown, ...rest, phase: "over", outcome, class: "watch" };
  }
}

function batchOf(shown: Shown, draft: GameBody | null = null): GameBatch {
  const assignment = { id: "a", position: 0, state: "open" as const, shown, draft };
  const rest = { draft_number: draft ? 3 : 0, answer: null, seconds_to_wait: 0 };
  const assignments = [{ ...assignment, ...rest }];
  return { id: "b", task: "play", size: 1, done: 0, finished: false, assignments };
}

let server: RulingServer;
let told: string[];

const around: Around = {
  gone: () => told.push("gone"),
  ended: (fault) => told.push(fault.code),
};

const noStore = new Backups<Tags>("tags-", ({ tags }) => Array.isArray(tags), null);

function game(shown: Shown = START, draft: GameBody | null = null): Game {
  server.shown = shown;
  return new Game(batchOf(shown, draft), server, noStore, around);
}

const patiently = async <T>(work: Promise<T>): Promise<T> => {
  await vi.runAllTimersAsync();
  return work;
};

beforeEach(() => {
  vi.useFakeTimers();
  server = new RulingServer();
  told = [];
});
afterEach(() => void vi.useRealTimers());

describe("from the first parts to the end", () => {
  it("a hint costs and shows more, a guess asks for words, and words end the game", async () => {
    const one = game();
    expect(await patiently(one.hint())).toBe(true);
    expect([one.shown.points, one.shown.picture, one.hintsLeft]).toEqual([250, "/pictures/1", 4]);
    expect(await patiently(one.guess(0))).toBe(true);
    expect([one.shown.phase, one.shown.guess]).toEqual(["tag", 0]);
    one.add("red, round");
    one.typing = "spotted";
    expect(await patiently(one.finish())).toBe(true);
    expect(server.answered).toEqual({ tags: ["red", "round", "spotted"] });
    expect([one.over, one.shown.phase]).toEqual([true, "over"]);
  });

  it("the reply to the answer is the outcome, and says what comes after; no more is asked", async () => {
    const one = game({ ...START, phase: "tag", guess: 0 });
    expect(one.after).toBeNull();
    await patiently(one.finish());
    expect(one.shown).toMatchObject({ phase: "over", outcome: "win", class: "watch" });
    expect([one.after, server.keys.length, server.looks]).toEqual([server.after, 1, 0]);
  });

  it("words may be left out", async () => {
    const one = game({ ...START, phase: "tag", guess: 1 });
    await patiently(one.finish());
    expect(server.answered).toEqual({ tags: [] });
  });

  it("giving up is possible after the last hint only", async () => {
    const one = game();
    expect(await patiently(one.resign())).toBe(false);
    for (let hint = 0; hint < 7; hint += 1) await patiently(one.hint());
    expect([one.shown.hints, server.keys.length]).toEqual([5, 5]);
    expect(await patiently(one.resign())).toBe(true);
    expect(server.answered).toEqual({ resign: true });
  });

  it("what is not offered is not sent", async () => {
    const one = game();
    for (const option of [-1, 3, 0.5]) expect(await patiently(one.guess(option))).toBe(false);
    expect(await patiently(one.finish())).toBe(false);
    expect(server.keys).toEqual([]);
  });

  it("one thing is done at a time", async () => {
    const one = game();
    const both = [one.guess(0), one.hint(), one.guess(1)];
    expect(one.chosen).toBe(0);
    expect(await patiently(Promise.all(both))).toEqual([true, false, false]);
    expect(server.shown.guess).toBe(0);
  });
});

describe("where the network fails", () => {
  it("an action is sent again under its key, and counts once", async () => {
    const one = game();
    server.faults = ["lost", new ApiError(503, "away", "Away."), null];
    expect(await patiently(one.hint())).toBe(true);
    expect(one.shown.hints).toBe(1);
    expect(new Set(server.keys).size).toBe(1);
    expect(server.keys).toHaveLength(3);
  });

  it("an answer whose reply is lost is sent again under its key, and ends in the outcome", async () => {
    const one = game({ ...START, phase: "tag", guess: 1 });
    server.faults = ["lost", "lost"];
    expect(await patiently(one.finish())).toBe(true);
    expect(one.shown).toMatchObject({ phase: "over", outcome: "loss" });
    expect([server.keys.length, new Set(server.keys).size, server.ends]).toEqual([3, 1, 1]);
    expect([one.after, server.looks]).toEqual([server.after, 0]);
  });

  it("another action has another key", async () => {
    const one = game();
    await patiently(one.hint());
    await patiently(one.hint());
    expect(new Set(server.keys).size).toBe(2);
  });

  it("words are on the server soon after they are added, and there again after a reload", async () => {
    const one = game({ ...START, phase: "tag", guess: 1 });
    one.add("red");
    await vi.runAllTimersAsync();
    expect(server.drafts).toEqual([{ tags: ["red"] }]);
    expect(game({ ...START, phase: "tag", guess: 1 }, { tags: ["red"] }).tags).toEqual(["red"]);
  });
});

describe("what the server says", () => {
  it("a game that went on in another window goes on from there", async () => {
    const one = game();
    server.shown = { ...START, phase: "tag", guess: 2 };
    expect(await patiently(one.hint())).toBe(false);
    expect([one.shown.phase, one.refusal]).toEqual(["tag", "Too late."]);
  });

  it("a game that was ended in another window shows its outcome, without what comes after", async () => {
    const one = game({ ...START, phase: "tag", guess: 0 });
    await patiently(server.answer("a", { tags: [] }, "the other window's"));
    server.faults = [new ApiError(409, "answered", "Answered.")];
    expect(await patiently(one.finish())).toBe(false);
    expect([one.over, one.after, one.refusal]).toEqual([true, null, "Answered."]);
  });

  it("a game that is gone, and a person who is out, are told to the page", async () => {
    for (const code of ["gone", "finished", "excluded", "sign_in"]) {
      server.faults = [new ApiError(409, code, "No.")];
      await patiently(game().hint());
    }
    expect(told).toEqual(["gone", "gone", "excluded", "sign_in"]);
  });

  it("a refusal is shown and changes nothing", async () => {
    const one = game({ ...START, phase: "tag", guess: 1 });
    server.faults = [new ApiError(422, "malformed", "That is no word.")];
    one.add("x");
    expect(await patiently(one.finish())).toBe(false);
    expect([one.refusal, one.shown.phase, one.doing]).toEqual(["That is no word.", "tag", null]);
  });
});

describe("words", () => {
  it("end at a comma, come once, and stop at twenty", () => {
    const one = game({ ...START, phase: "tag", guess: 1 });
    expect(one.type("red stripes")).toEqual([]);
    expect(one.type("red stripes,")).toEqual(["red stripes"]);
    expect([one.typing, one.add("RED  stripes")]).toEqual(["", []]);
    one.type(", ");
    expect(one.typing).toBe("");
    one.add(Array.from({ length: 30 }, (_, at) => `word ${at}`).join(","));
    expect(one.tags).toHaveLength(20);
    one.remove(0);
    expect(one.tags[0]).toBe("word 0");
  });

  it("a copy on this device that the server has not had comes first", async () => {
    const items = new Map([["tags-a", JSON.stringify({ number: 3, body: { tags: ["kept"] } })]]);
    const store = {
      length: 1,
      key: (): string => "tags-a",
      getItem: (name: string): string | null => items.get(name) ?? null,
      setItem: (name: string, value: string): void => void items.set(name, value),
      removeItem: (name: string): void => void items.delete(name),
    };
    const backups = new Backups<Tags>("tags-", ({ tags }) => Array.isArray(tags), store);
    const tagging: Shown = { ...START, phase: "tag", guess: 1 };
    const one = new Game(batchOf(tagging, { tags: ["old"] }), server, backups, around);
    expect(one.tags).toEqual(["kept"]);
    await vi.runAllTimersAsync();
    expect([server.drafts, items.size]).toEqual([[{ tags: ["kept"] }], 0]);
  });
});
