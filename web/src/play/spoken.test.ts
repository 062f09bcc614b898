import { expect, it } from "vitest";
import type { GameOver, GameShown } from "./api";
import { altOf, guessSaid, levelSaid, outcomeSaid, sources, totalOf } from "./spoken";

const SHOWN: GameShown = {
  phase: "guess",
  picture: "/pictures/1",
  hints: 1,
  most_hints: 5,
  points: 250,
  price: 50,
  tag_bonus: 25,
  options: ["watch", "bonsai"],
  guess: null,
};
const WON: GameOver = {
  ...SHOWN,
  phase: "over",
  guess: 0,
  outcome: "win",
  class: "watch",
  whole: "/pictures/w",
  points: 275,
  bonus: 20,
  streak: 3,
  score: 1275,
  tags: ["dial"],
};

it("before the end no class is spoken but the one guessed", () => {
  for (const text of [altOf(SHOWN), levelSaid(SHOWN)]) expect(text).not.toMatch(/watch|bonsai/u);
  const tagging: GameShown = { ...SHOWN, phase: "tag", guess: 1 };
  expect(altOf(tagging)).not.toMatch(/watch|bonsai/u);
  expect(guessSaid(tagging)).toBe("Your guess: bonsai. What gave it away?");
});

it("each level says what a guess brings and how many hints are left", () => {
  expect(levelSaid(SHOWN)).toBe("Level 2 of 6. A right guess brings 250 points. 4 hints left.");
  expect(levelSaid({ ...SHOWN, hints: 5, points: 50 })).toMatch(/last hint\.$/u);
});

it("the end says what it was and all that it brought", () => {
  expect(outcomeSaid(WON)).toBe(
    "Right! It was: watch. 295 points. 3 wins in a row. Your score is 1,275 points.",
  );
  expect(outcomeSaid({ ...WON, outcome: "loss", points: 25, bonus: 0, streak: 0 })).toMatch(
    /^Not this time\. It was: watch\. 25 points\. Your score/u,
  );
  expect(altOf(WON)).toContain("watch");
});

it("the sources of the points add up to the points", () => {
  expect(sources(WON)).toEqual([
    ["guess", 250],
    ["words", 25],
    ["streak", 20],
  ]);
  const sum = sources(WON).reduce((all, [, points]) => all + points, 0);
  expect(sum).toBe(totalOf(WON));
});

it("one source is not listed, the points say it", () => {
  const wordsOnly: GameOver = { ...WON, outcome: "loss", guess: 1, points: 25, bonus: 0 };
  expect(sources(wordsOnly)).toEqual([]);
  expect(sources({ ...WON, outcome: "resign", points: 0, bonus: 0, tags: [] })).toEqual([]);
});
