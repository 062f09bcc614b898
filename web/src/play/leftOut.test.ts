import { expect, it } from "vitest";
import { LeftOut } from "./leftOut";

function store() {
  const items = new Map<string, string>();
  return {
    getItem: (name: string): string | null => items.get(name) ?? null,
    setItem: (name: string, value: string): void => void items.set(name, value),
  };
}

it("a form that was left out does not come again after the next game, nor after a reload", () => {
  const window = store();
  const first = new LeftOut(window);
  expect(first.has("sus", ["sus", "tlx"])).toBe(false);
  first.add(["sus"]);
  const later = new LeftOut(window);
  expect([later.has("sus", ["sus", "tlx"]), later.has("tlx", ["sus", "tlx"])]).toEqual([
    true,
    false,
  ]);
});

it("a form that is meant for each game always comes", () => {
  const forms = new LeftOut(store());
  forms.add(["difficulty"]);
  expect(forms.has("difficulty", ["sus"])).toBe(false);
});

it("does without a store, and with one that holds rubbish", () => {
  const alone = new LeftOut(null);
  alone.add(["sus"]);
  expect(alone.has("sus", ["sus"])).toBe(true);
  for (const rubbish of ["{not json", '{"sus": true}', "null"]) {
    const odd = new LeftOut({ getItem: () => rubbish, setItem: () => undefined });
    expect(odd.has("sus", ["sus"])).toBe(false);
  }
});
