import { describe, expect, it } from "vitest";
import {
  areaOf,
  arrowStep,
  between,
  contains,
  covered,
  HANDLES,
  handleAt,
  handleNear,
  heightOf,
  hit,
  LEAST_SIDE,
  middleOf,
  moved,
  nextSalient,
  type Rect,
  resized,
  widthOf,
} from "./geometry";

const IMAGE = { width: 200, height: 100 };
const BOX: Rect = { x0: 40, y0: 20, x1: 120, y1: 80 };

/** Numbers from a fixed seed, so that a failure can be seen again. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state / 2147483648) * limit;
  };
}

/** Whole, inside the image and large enough to be seen. */
const lawful = (rect: Rect): boolean =>
  Object.values(rect).every(Number.isInteger) &&
  rect.x0 >= 0 &&
  rect.y0 >= 0 &&
  rect.x1 <= IMAGE.width &&
  rect.y1 <= IMAGE.height &&
  widthOf(rect) >= LEAST_SIDE &&
  heightOf(rect) >= LEAST_SIDE;

describe("a box", () => {
  it("is the same whichever corner was drawn first", () => {
    const [a, b] = [
      { x: 30.4, y: 70.6 },
      { x: 90, y: 10 },
    ];
    expect(between(a, b, IMAGE)).toEqual({ x0: 30, y0: 10, x1: 90, y1: 71 });
    expect(between(b, a, IMAGE)).toEqual(between(a, b, IMAGE));
  });

  it("stays whole, inside and large enough whatever is drawn, moved and resized", () => {
    const roll = dice(7);
    const point = () => ({ x: roll(600) - 200, y: roll(300) - 100 });
    for (let round = 0; round < 500; round += 1) {
      const drawn = between(point(), point(), IMAGE);
      const handle = HANDLES[Math.floor(roll(8))]!;
      const pulled = resized(drawn, handle, point(), IMAGE);
      const all = [drawn, moved(drawn, point(), IMAGE), pulled];
      expect(all.filter((rect) => !lawful(rect))).toEqual([]);
    }
  });

  it("keeps its size when moved against the border", () => {
    expect(moved(BOX, { x: 500, y: -500 }, IMAGE)).toEqual({ x0: 120, y0: 0, x1: 200, y1: 60 });
  });

  it.each(HANDLES)("keeps the sides that the handle %s does not hold", (handle) => {
    const by = { x: 7, y: -5 };
    const result = resized(BOX, handle, by, IMAGE);
    expect(result.x0).toBe(handle.includes("w") ? BOX.x0 + by.x : BOX.x0);
    expect(result.x1).toBe(handle.includes("e") ? BOX.x1 + by.x : BOX.x1);
    expect(result.y0).toBe(handle.includes("n") ? BOX.y0 + by.y : BOX.y0);
    expect(result.y1).toBe(handle.includes("s") ? BOX.y1 + by.y : BOX.y1);
  });

  it("does not turn inside out when a side is pulled past the opposite one", () => {
    const result = resized(BOX, "e", { x: -500, y: 0 }, IMAGE);
    expect(result).toEqual({ ...BOX, x1: BOX.x0 + LEAST_SIDE });
  });

  it("holds the pixels of a drawing that is a mere point", () => {
    expect(lawful(between({ x: 200, y: 100 }, { x: 200, y: 100 }, IMAGE))).toBe(true);
  });
});

describe("what lies under a pointer", () => {
  it.each(HANDLES)("is the handle %s where it is drawn, inside and outside", (handle) => {
    const at = handleAt(BOX, handle);
    expect(handleNear(BOX, at, 8)).toBe(handle);
    const outwards = {
      x: at.x + (handle.includes("w") ? -7 : handle.includes("e") ? 7 : 0),
      y: at.y + (handle.includes("n") ? -7 : handle.includes("s") ? 7 : 0),
    };
    expect(handleNear(BOX, outwards, 8)).toBe(handle);
  });

  it("leaves the middle of a small box to moving, however wide the finger", () => {
    const small = { x0: 50, y0: 50, x1: 70, y1: 70 };
    expect(handleNear(small, { x: 60, y: 60 }, 22)).toBeNull();
    expect(handleNear(small, { x: 30, y: 60 }, 22)).toBe("w");
    expect(handleNear(small, { x: 27, y: 60 }, 22)).toBeNull();
  });

  it("is the small box inside the large one", () => {
    const rects = [BOX, { x0: 60, y0: 40, x1: 90, y1: 60 }];
    expect(hit(rects, -1, { x: 75, y: 50 }, 8)).toEqual({
      part: "inside",
      index: 1,
      chosen: false,
    });
    expect(hit(rects, 0, { x: 75, y: 50 }, 8)).toEqual({ part: "inside", index: 0, chosen: true });
  });

  it("is the outline of a box that is not chosen rather than the box around it", () => {
    const rects = [{ x0: 0, y0: 0, x1: 200, y1: 100 }, BOX];
    expect(hit(rects, -1, { x: 41, y: 50 }, 8)).toEqual({ part: "outline", index: 1 });
  });

  it("is nothing beside all boxes", () => {
    expect(hit([BOX], -1, { x: 5, y: 5 }, 8)).toEqual({ part: "nothing" });
    expect(hit([], -1, { x: 5, y: 5 }, 8)).toEqual({ part: "nothing" });
  });
});

describe("a box made by key", () => {
  it("takes the first bright area that no box covers by half", () => {
    const areas = [BOX, { x0: 150, y0: 0, x1: 190, y1: 40 }];
    expect(nextSalient(areas, [])).toBe(BOX);
    expect(nextSalient(areas, [{ ...BOX, x1: 85 }])).toBe(areas[1]);
    expect(nextSalient(areas, [{ ...BOX, x1: 75 }])).toBe(BOX);
    expect(nextSalient(areas, areas)).toBeNull();
  });

  it("lies in the middle of what is seen", () => {
    const rect = middleOf({ x0: 100, y0: 0, x1: 200, y1: 80 }, IMAGE);
    expect(rect).toEqual({ x0: 138, y0: 30, x1: 163, y1: 50 });
  });

  it("moves by a hundredth of the longer side, and by one pixel at least", () => {
    expect(arrowStep({ width: 640, height: 480 })).toBe(6);
    expect(arrowStep({ width: 28, height: 28 })).toBe(1);
  });
});

it("counts the covered share as a slow count of pixels does", () => {
  const roll = dice(11);
  for (let round = 0; round < 40; round += 1) {
    const [a, b] = [0, 1].map(() =>
      between(
        { x: roll(40), y: roll(40) },
        { x: roll(40), y: roll(40) },
        { width: 40, height: 40 },
      ),
    ) as [Rect, Rect];
    let pixels = 0;
    for (let x = 0; x < 40; x += 1)
      for (let y = 0; y < 40; y += 1)
        if (contains(a, { x, y }) && contains(b, { x, y })) pixels += 1;
    expect(covered(a, b)).toBeCloseTo(pixels / areaOf(a), 12);
  }
});
