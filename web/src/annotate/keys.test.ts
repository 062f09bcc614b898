import { describe, expect, it } from "vitest";
import { arrowOf, commandOf, type Press } from "./keys";

function press(key: string, held: Partial<Press> = {}): Press {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held };
}

describe("a key", () => {
  it.each([
    ["n", {}, "new-box"],
    ["N", { shiftKey: true }, "new-box"],
    ["?", { shiftKey: true }, "help"],
    ["+", {}, "zoom-in"],
    ["0", {}, "zoom-fit"],
    ["z", { ctrlKey: true }, "undo"],
    ["Z", { ctrlKey: true, shiftKey: true }, "redo"],
    ["z", { metaKey: true }, "undo"],
    ["y", { ctrlKey: true }, "redo"],
    ["Enter", { ctrlKey: true }, "next"],
  ] as const)("%s with %o means %s", (key, held, command) => {
    expect(commandOf(press(key, held), false, true)).toBe(command);
  });

  it("is a letter in a field; with Ctrl it is a key there too", () => {
    expect(commandOf(press("n"), true, true)).toBeNull();
    expect(commandOf(press("?"), true, true)).toBeNull();
    expect(commandOf(press("Enter", { ctrlKey: true }), true, true)).toBe("next");
  });

  it("alone means nothing once single keys are switched off", () => {
    expect(commandOf(press("h"), false, false)).toBeNull();
    expect(commandOf(press("z", { ctrlKey: true }), false, false)).toBe("undo");
  });

  it("leaves the browser its own: Ctrl and plus, Ctrl and zero, whatever has Alt", () => {
    expect(commandOf(press("+", { ctrlKey: true }), false, true)).toBeNull();
    expect(commandOf(press("0", { ctrlKey: true }), false, true)).toBeNull();
    expect(commandOf(press("n", { altKey: true }), false, true)).toBeNull();
  });
});

it("arrows point where they say", () => {
  expect(arrowOf("ArrowLeft")).toEqual({ x: -1, y: 0 });
  expect(arrowOf("ArrowDown")).toEqual({ x: 0, y: 1 });
  expect(arrowOf("a")).toBeNull();
});
