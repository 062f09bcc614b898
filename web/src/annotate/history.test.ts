import { expect, it } from "vitest";
import { History } from "./history";

function of(...values: string[]): History<string> {
  const history = new History("");
  values.forEach((value) => history.record(value, `wrote ${value}`));
  return history;
}

it("undo and redo walk the same way there and back", () => {
  const history = of("a", "b");
  expect(history.undo()).toBe("wrote b");
  expect(history.value).toBe("a");
  expect(history.undo()).toBe("wrote a");
  expect(history.value).toBe("");
  expect(history.undo()).toBeNull();
  expect(history.redo()).toBe("wrote a");
  expect(history.redo()).toBe("wrote b");
  expect(history.value).toBe("b");
  expect(history.redo()).toBeNull();
});

it("a new step forgets what was undone", () => {
  const history = of("a", "b");
  history.undo();
  history.record("c", "wrote c");
  expect(history.canRedo).toBe(false);
  expect(history.undo()).toBe("wrote c");
  expect(history.value).toBe("a");
});

it("steps with one key are one step, until they are sealed", () => {
  const history = of("a");
  history.record("ab", "typed", "word");
  history.record("abc", "typed", "word");
  history.seal();
  history.record("abcd", "typed", "word");
  history.undo();
  expect(history.value).toBe("abc");
  history.undo();
  expect(history.value).toBe("a");
});

it("the first step never joins the beginning, and a step after an undo stands alone", () => {
  const history = new History("");
  history.record("a", "typed", "word");
  history.undo();
  expect(history.value).toBe("");
  history.redo();
  history.record("ab", "typed", "word");
  history.undo();
  expect(history.value).toBe("a");
});

it("a reverted step cannot be done again", () => {
  const history = of("a", "b");
  history.revert();
  expect(history.value).toBe("a");
  expect(history.canRedo).toBe(false);
  expect(history.canUndo).toBe(true);
});

it("forgets the oldest of very many steps", () => {
  const history = of(...Array.from({ length: 600 }, (_, step) => String(step)));
  let back = 0;
  while (history.undo() !== null) back += 1;
  expect(back).toBe(499);
  expect(history.value).toBe("100");
});
