import { expect, it } from "vitest";
import { Backups } from "./backup";

class Store {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  key = (at: number): string | null => [...this.items.keys()][at] ?? null;
  getItem = (name: string): string | null => this.items.get(name) ?? null;
  setItem = (name: string, value: string): void => void this.items.set(name, value);
  removeItem = (name: string): void => void this.items.delete(name);
}

interface Body {
  words: string[];
}

const body: Body = { words: ["claw"] };
const over = (store: Store | null, prefix = "draft-"): Backups<Body> =>
  new Backups<Body>(prefix, ({ words }) => Array.isArray(words), store);

it("gives unsaved work back, unless the server has had newer work since", () => {
  const store = new Store();
  over(store).keep("a", { number: 3, body });
  const later = over(store);
  expect(later.newerThan("a", 3)).toEqual(body);
  expect(later.newerThan("a", 4)).toBeNull();
  later.forget("a");
  expect(later.newerThan("a", 3)).toBeNull();
});

it("throws away what belongs to other batches, and nothing of other tasks and programs", () => {
  const store = new Store();
  const backups = over(store);
  store.setItem("theirs", "x");
  over(store, "tags-").keep("a", { number: 0, body });
  for (const name of ["a", "b", "c"]) backups.keep(name, { number: 0, body });
  backups.sweep(["b"]);
  expect([backups.newerThan("a", 0), backups.newerThan("b", 0)]).toEqual([null, body]);
  expect([store.length, store.getItem("theirs")]).toEqual([3, "x"]);
  expect(over(store, "tags-").newerThan("a", 0)).toEqual(body);
});

it("does without a store, with a full one and with one that holds rubbish", () => {
  expect(over(null).newerThan("a", 0)).toBeNull();
  over(null).keep("a", { number: 0, body });
  const full = new Store();
  full.setItem = () => {
    throw new Error("full");
  };
  expect(() => over(full).keep("a", { number: 0, body })).not.toThrow();
  const odd = new Store();
  odd.setItem("draft-a", "{not json");
  odd.setItem("draft-b", '{"number": 1}');
  odd.setItem("draft-c", '{"number": 1, "body": {"words": "claw"}}');
  for (const name of ["a", "b", "c"]) expect(over(odd).newerThan(name, 0)).toBeNull();
});
