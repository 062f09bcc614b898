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

const body = { boxes: [], nothing: true };

it("gives unsaved work back, unless the server has had newer work since", () => {
  const store = new Store();
  new Backups(store).keep("a", { number: 3, body });
  const later = new Backups(store);
  expect(later.newerThan("a", 3)).toEqual(body);
  expect(later.newerThan("a", 4)).toBeNull();
  later.forget("a");
  expect(later.newerThan("a", 3)).toBeNull();
});

it("throws away what belongs to other batches, and nothing of other programs", () => {
  const store = new Store();
  const backups = new Backups(store);
  store.setItem("theirs", "x");
  for (const name of ["a", "b", "c"]) backups.keep(name, { number: 0, body });
  backups.sweep(["b"]);
  expect([backups.newerThan("a", 0), backups.newerThan("b", 0)]).toEqual([null, body]);
  expect([store.length, store.getItem("theirs")]).toEqual([2, "x"]);
});

it("does without a store, with a full one and with one that holds rubbish", () => {
  expect(new Backups(null).newerThan("a", 0)).toBeNull();
  new Backups(null).keep("a", { number: 0, body });
  const full = new Store();
  full.setItem = () => {
    throw new Error("full");
  };
  expect(() => new Backups(full).keep("a", { number: 0, body })).not.toThrow();
  const odd = new Store();
  odd.setItem("netgloss-draft-a", "{not json");
  odd.setItem("netgloss-draft-b", '{"number": 1}');
  expect(new Backups(odd).newerThan("a", 0)).toBeNull();
  expect(new Backups(odd).newerThan("b", 0)).toBeNull();
});
