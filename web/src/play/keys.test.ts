import { expect, it } from "vitest";
import type { Shown } from "./api";
import { commandOf, type Press } from "./keys";

const press = (key: string, held: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});
const at = (phase: Shown["phase"]): Shown => ({ phase, options: ["a", "b", "c", "d"] }) as Shown;
const FREE = { typing: false, single: true, onButton: false };

it("digits name the options that there are", () => {
  expect(commandOf(press("1"), at("guess"), FREE)).toEqual({ does: "guess", option: 0 });
  expect(commandOf(press("4"), at("guess"), FREE)).toEqual({ does: "guess", option: 3 });
  for (const key of ["0", "5", "9", "11", "F1"])
    expect(commandOf(press(key), at("guess"), FREE)).toBeNull();
});

it("H asks for more, in either case", () => {
  for (const key of ["h", "H"])
    expect(commandOf(press(key), at("guess"), FREE)).toEqual({ does: "hint" });
});

it("nothing is a key while words are typed, with a modifier, or where single keys are off", () => {
  for (const key of ["h", "1"]) {
    expect(commandOf(press(key), at("guess"), { ...FREE, typing: true })).toBeNull();
    expect(commandOf(press(key), at("guess"), { ...FREE, single: false })).toBeNull();
    expect(commandOf(press(key), at("tag"), FREE)).toBeNull();
    for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }])
      expect(commandOf(press(key, held), at("guess"), FREE)).toBeNull();
  }
});

it("Enter goes on once the game is over, unless a button takes it", () => {
  const off = { ...FREE, single: false };
  expect(commandOf(press("Enter"), at("over"), off)).toEqual({ does: "next" });
  expect(commandOf(press("Enter"), at("over"), { ...FREE, onButton: true })).toBeNull();
  expect(commandOf(press("Enter"), at("guess"), FREE)).toBeNull();
});
