import { describe, expect, it } from "vitest";
import { offered, putFirst, splitWords, withWords } from "./words";

describe("what is typed", () => {
  it("is split at commas and tidied", () => {
    expect(splitWords(" dark  red, ,striped;round\n")).toEqual(["dark red", "striped", "round"]);
  });

  it("is cut between letters, never within one", () => {
    const lobsters = "🦞".repeat(61);
    expect(splitWords(`x${lobsters}`)).toEqual([`x${"🦞".repeat(59)}`]);
  });

  it("is cut where the server would refuse it", () => {
    expect(splitWords("x".repeat(90))[0]).toHaveLength(60);
  });

  it("is one and the same however its letters are composed", () => {
    expect(withWords(["café"], "cafe\u0301", 9)).toEqual(["café"]);
  });

  it("is not taken twice, and not beyond the most", () => {
    expect(withWords(["Orange"], "orange, small, round", 2)).toEqual(["Orange", "small"]);
  });
});

describe("what is offered", () => {
  const own = ["lobster claw", "claw", "eye"];

  it("is whole words before parts of words, own before others'", () => {
    const found = offered(own, ["clamp", "Claw"], "cla");
    expect(found).toEqual([
      { word: "claw", own: true },
      { word: "clamp", own: false },
      { word: "lobster claw", own: true },
    ]);
  });

  it("leaves out what is there already or typed in full", () => {
    expect(offered(own, [], "", ["EYE"]).map(({ word }) => word)).toEqual(["lobster claw", "claw"]);
    expect(offered(own, [], "claw").map(({ word }) => word)).toEqual(["lobster claw"]);
  });
});

it("a word just written comes first, once", () => {
  expect(putFirst(["eye", "claw"], [" Claw ", ""])).toEqual(["Claw", "eye"]);
});
