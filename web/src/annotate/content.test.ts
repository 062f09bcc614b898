import { describe, expect, it } from "vitest";
import {
  type Box,
  EMPTY,
  fromBody,
  MOST_ATTRIBUTES,
  problems,
  sameBody,
  spoken,
  toBody,
  withAttributes,
} from "./content";

const IMAGE = { width: 300, height: 200 };
const BOX: Box = {
  id: 4,
  type: " claw ",
  attributes: ["orange"],
  rect: { x0: 10, y0: 20, x1: 130, y1: 100 },
};

it("a box takes no description twice, and not without end", () => {
  expect(withAttributes(["Orange"], "orange, small")).toEqual(["Orange", "small"]);
  const many = Array.from({ length: 30 }, (_, at) => `word ${at}`).join(",");
  expect(withAttributes([], many)).toHaveLength(MOST_ATTRIBUTES);
});

describe("a body", () => {
  it("is what the server is sent, with words still being typed", () => {
    const body = toBody({ boxes: [BOX], nothing: false }, { 4: "spotted" });
    expect(body).toEqual({
      boxes: [
        { type: "claw", attributes: ["orange", "spotted"], x0: 10, y0: 20, x1: 130, y1: 100 },
      ],
      nothing: false,
    });
  });

  it("comes back as it went", () => {
    const body = toBody({ boxes: [{ ...BOX, type: "claw" }], nothing: false });
    expect(toBody(fromBody(body, IMAGE))).toEqual(body);
    expect(fromBody(null, IMAGE)).toEqual(EMPTY);
    expect(fromBody({ boxes: [], nothing: true }, IMAGE)).toEqual({ boxes: [], nothing: true });
  });

  it("is the same whatever the order of its keys, and another with another word", () => {
    const body = toBody({ boxes: [BOX], nothing: false });
    const turned = JSON.parse(
      '{"nothing":false,"boxes":[{"y1":100,"x1":130,"y0":20,"x0":10,"attributes":["orange"],"type":"claw"}]}',
    );
    expect(sameBody(body, turned)).toBe(true);
    turned.boxes[0].attributes.push("big");
    expect(sameBody(body, turned)).toBe(false);
    expect(sameBody(body, null)).toBe(false);
  });

  it("that does not fit its image is brought inside it", () => {
    const stray = { type: "", attributes: [], x0: -5, y0: 190, x1: 900, y1: 199 };
    const [box] = fromBody({ boxes: [stray], nothing: false }, IMAGE).boxes;
    expect(box!.rect).toEqual({ x0: 0, y0: 190, x1: 300, y1: 199 });
  });
});

it("a box is spoken with its words and its size", () => {
  expect(spoken(BOX, 2)).toBe("Box 2: claw, orange; 120 by 80 pixels");
  expect(spoken({ ...BOX, type: "", attributes: [] }, 1)).toBe(
    "Box 1: no words yet; 120 by 80 pixels",
  );
});

describe("what is missing", () => {
  it("is a box, or the word that there is nothing", () => {
    expect(problems(EMPTY).map(({ field }) => field)).toEqual(["image"]);
    expect(problems({ boxes: [], nothing: true })).toEqual([]);
  });

  it("is said box by box, in the order of the fields", () => {
    const bare = { ...BOX, id: 1, type: "  ", attributes: [] };
    const found = problems({ boxes: [BOX, bare], nothing: false });
    expect(found.map(({ box, field }) => [box, field])).toEqual([
      [1, "type"],
      [1, "attributes"],
    ]);
    expect(found[0]!.message).toContain("Box 2");
    expect(problems({ boxes: [BOX], nothing: false })).toEqual([]);
  });
});
