import { expect, it } from "vitest";
import { remembering, suggest } from "./words";

const LISTS = {
  own: { types: ["lobster claw", "claw", "eye"], attributes: ["Orange", "long"] },
  shared: { types: ["clamp", "Claw", "tail"], attributes: ["orange", "rose"] },
};

const words = (typed: string, chosen: string[] = []): string[] =>
  suggest(LISTS, "types", typed, chosen).map(({ word }) => word);

it("offers what begins with the typed letters first, own words before others'", () => {
  expect(words("cla")).toEqual(["claw", "clamp", "lobster claw"]);
});

it("offers all own words, most frequent first, where nothing is typed", () => {
  expect(words("")).toEqual(["lobster claw", "claw", "eye", "clamp", "tail"]);
});

it("offers no word twice, none that is there already, and none that is typed in full", () => {
  expect(suggest(LISTS, "attributes", "o")).toEqual([
    { word: "Orange", own: true },
    { word: "long", own: true },
    { word: "rose", own: false },
  ]);
  expect(suggest(LISTS, "attributes", "o", ["ORANGE"]).map(({ word }) => word)).not.toContain(
    "Orange",
  );
  expect(words("claw")).toEqual(["lobster claw"]);
});

it("finds words by their letters without accents", () => {
  const lists = remembering(LISTS, "types", ["café"]);
  expect(suggest(lists, "types", "CAFE")).toEqual([]);
  expect(suggest(lists, "types", "caf")[0]).toEqual({ word: "café", own: true });
});

it("puts a word just written first, once", () => {
  const { own } = remembering(LISTS, "types", ["tail ", "claw", ""]);
  expect(own.types).toEqual(["tail", "claw", "lobster claw", "eye"]);
  expect(own.attributes).toEqual(LISTS.own.attributes);
});
