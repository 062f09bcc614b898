import { describe, expect, it } from "vitest";
import type { Point } from "./geometry";
import {
  bounded,
  fitted,
  MOST_ZOOM,
  panned,
  pinched,
  revealing,
  seen,
  toFrame,
  toImage,
  type View,
  zoomed,
  zoomOf,
} from "./view";

const IMAGE = { width: 400, height: 200 };
const FRAME = { width: 800, height: 600 };
const whole = fitted(IMAGE, FRAME);

function onFrame(view: View, at: Point): Point {
  const { x0, y0 } = toFrame(view, { x0: at.x, y0: at.y, x1: at.x, y1: at.y });
  return { x: x0, y: y0 };
}

describe("the view", () => {
  it("begins with the whole image in the middle", () => {
    expect(whole).toEqual({ scale: 2, x: 0, y: 100 });
    expect(seen(whole, IMAGE, FRAME)).toEqual({ x0: 0, y0: 0, x1: 400, y1: 200 });
    expect(zoomOf(whole, IMAGE, FRAME)).toBe(1);
  });

  it("enlarges an image that is smaller than the frame", () => {
    expect(fitted({ width: 28, height: 28 }, FRAME).scale).toBeCloseTo(600 / 28);
  });

  it("goes from the frame to the image and back", () => {
    const view = zoomed(whole, 3, { x: 500, y: 300 }, IMAGE, FRAME);
    const at = onFrame(view, toImage(view, { x: 123, y: 456 }));
    expect(at.x).toBeCloseTo(123);
    expect(at.y).toBeCloseTo(456);
  });

  it("keeps the place under the pointer while it zooms", () => {
    const near = zoomed(whole, 4, { x: 400, y: 300 }, IMAGE, FRAME);
    const anchor = { x: 520, y: 340 };
    const under = toImage(near, anchor);
    const at = onFrame(zoomed(near, 1.3, anchor, IMAGE, FRAME), under);
    expect(at.x).toBeCloseTo(anchor.x);
    expect(at.y).toBeCloseTo(anchor.y);
  });

  it("neither shrinks below the whole image nor grows without end", () => {
    expect(zoomed(whole, 0.1, { x: 0, y: 0 }, IMAGE, FRAME)).toEqual(whole);
    const far = zoomed(whole, 1000, { x: 0, y: 0 }, IMAGE, FRAME);
    expect(zoomOf(far, IMAGE, FRAME)).toBeCloseTo(MOST_ZOOM);
  });

  it("leaves no gap beside a zoomed image, however far it is pushed", () => {
    const near = zoomed(whole, 4, { x: 400, y: 300 }, IMAGE, FRAME);
    const pushed = panned(near, { x: 1e6, y: -1e6 }, IMAGE, FRAME);
    expect(pushed.x).toBe(0);
    expect(pushed.y).toBe(FRAME.height - IMAGE.height * near.scale);
  });

  it("follows two fingers that move without spreading", () => {
    const near = zoomed(whole, 4, { x: 400, y: 300 }, IMAGE, FRAME);
    const before: [Point, Point] = [
      { x: 300, y: 300 },
      { x: 500, y: 300 },
    ];
    const after = before.map(({ x, y }) => ({ x: x + 30, y: y - 20 })) as [Point, Point];
    const view = pinched(near, before, after, IMAGE, FRAME);
    expect(view).toEqual({ scale: near.scale, x: near.x + 30, y: near.y - 20 });
  });

  it("doubles when two fingers spread to twice their distance, and the middle stays", () => {
    const near = zoomed(whole, 3, { x: 400, y: 300 }, IMAGE, FRAME);
    const view = pinched(
      near,
      [
        { x: 350, y: 300 },
        { x: 450, y: 300 },
      ],
      [
        { x: 300, y: 300 },
        { x: 500, y: 300 },
      ],
      IMAGE,
      FRAME,
    );
    expect(view.scale).toBeCloseTo(near.scale * 2);
    expect(toImage(view, { x: 400, y: 300 }).x).toBeCloseTo(toImage(near, { x: 400, y: 300 }).x);
  });

  it("comes to a box that is out of sight, and stays where a box is in sight", () => {
    const near = zoomed(whole, 6, { x: 0, y: 100 }, IMAGE, FRAME);
    const far = { x0: 350, y0: 150, x1: 380, y1: 180 };
    const there = toFrame(revealing(near, far, IMAGE, FRAME), far);
    expect(there.x1).toBeLessThanOrEqual(FRAME.width);
    expect(there.y1).toBeLessThanOrEqual(FRAME.height);
    expect(there.x0).toBeGreaterThanOrEqual(0);
    const inSight = { x0: 10, y0: 10, x1: 30, y1: 30 };
    expect(revealing(near, inSight, IMAGE, FRAME)).toEqual(near);
  });

  it("survives a frame that has become smaller", () => {
    const near = zoomed(whole, 2, { x: 800, y: 600 }, IMAGE, FRAME);
    const small = { width: 300, height: 300 };
    const view = bounded(near, IMAGE, small);
    expect(seen(view, IMAGE, small).x1).toBeLessThanOrEqual(400);
    expect(view.x + 400 * view.scale).toBeGreaterThanOrEqual(300);
  });
});
