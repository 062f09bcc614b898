import { describe, expect, it } from "vitest";
import { counted, decimal, inWords, listed, moment, percent, probability, share } from "./format";

describe("numbers", () => {
  it("are set as in the report", () => {
    expect([share(0.96), share(-0.5), share(1), share(0.005), share(null)]).toEqual([
      ".96", "-.50", "1.00", ".01", "–",
    ]); // prettier-ignore
    expect([probability(0.00001), probability(0.0312), probability(1)]).toEqual([
      "< .0001", ".0312", "1.0000",
    ]); // prettier-ignore
    expect([percent(0.955), decimal(12.34), decimal(undefined)]).toEqual(["96 %", "12.3", "–"]);
  });

  it("carry their nouns", () => {
    expect([counted(1, "image"), counted(2100, "image"), counted(0, "person", "people")]).toEqual([
      "1 image",
      "2,100 images",
      "0 people",
    ]);
  });
});

it("sets concepts like words, not like identifiers", () => {
  expect(inWords("pair:orange-lobster_claw")).toBe("orange lobster claw");
  expect(inWords("roof_sign")).toBe("roof sign");
});

it("takes words apart at commas", () => {
  expect(listed(" claw, big  claw ;\n, pincer ")).toEqual(["claw", "big  claw", "pincer"]);
});

it("says nothing of a moment that never was", () => {
  expect(moment(null)).toBe("–");
  expect(moment("2026-03-01T12:00:00Z")).toMatch(/Mar 1|1 Mar/);
});
