/** Rectangles on an image: drawing, moving and resizing them, and finding the one under a finger. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels of the original image; x1 and y1 are exclusive. */
export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Compass directions: "nw" is the corner at the top left. */
export type Handle = "n" | "ne" | "e" | "se" | "s" | "sw" | "w" | "nw";

export const HANDLES: readonly Handle[] = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

/** A box thinner than this many pixels of the image cannot be seen or taken hold of. */
export const LEAST_SIDE = 4;

export const widthOf = (rect: Rect): number => rect.x1 - rect.x0;
export const heightOf = (rect: Rect): number => rect.y1 - rect.y0;
export const areaOf = (rect: Rect): number =>
  Math.max(0, widthOf(rect)) * Math.max(0, heightOf(rect));
export const centreOf = (rect: Rect): Point => ({
  x: (rect.x0 + rect.x1) / 2,
  y: (rect.y0 + rect.y1) / 2,
});

export function sameRect(a: Rect, b: Rect): boolean {
  return a.x0 === b.x0 && a.y0 === b.y0 && a.x1 === b.x1 && a.y1 === b.y1;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}

export function contains(rect: Rect, at: Point): boolean {
  return at.x >= rect.x0 && at.x < rect.x1 && at.y >= rect.y0 && at.y < rect.y1;
}

/** The rectangle with these two opposite corners, in whole pixels, inside the image. */
export function between(a: Point, b: Point, image: Size): Rect {
  const [x0, x1] = span(a.x, b.x, image.width);
  const [y0, y1] = span(a.y, b.y, image.height);
  return { x0, y0, x1, y1 };
}

/** Two ends in order, whole, within 0 and limit, and at least LEAST_SIDE apart where there is room. */
function span(a: number, b: number, limit: number): [number, number] {
  const low = clamp(Math.round(Math.min(a, b)), 0, limit);
  const high = clamp(Math.round(Math.max(a, b)), 0, limit);
  if (high - low >= LEAST_SIDE) return [low, high];
  const start = clamp(low, 0, limit - LEAST_SIDE);
  return [start, Math.min(limit, start + LEAST_SIDE)];
}

/** The rectangle moved by whole pixels; at the image's border it stops and keeps its size. */
export function moved(rect: Rect, by: Point, image: Size): Rect {
  const dx = clamp(Math.round(by.x), -rect.x0, image.width - rect.x1);
  const dy = clamp(Math.round(by.y), -rect.y0, image.height - rect.y1);
  return { x0: rect.x0 + dx, y0: rect.y0 + dy, x1: rect.x1 + dx, y1: rect.y1 + dy };
}

/** The rectangle with the sides that the handle holds moved; a side stops before the opposite one. */
export function resized(rect: Rect, handle: Handle, by: Point, image: Size): Rect {
  const dx = Math.round(by.x);
  const dy = Math.round(by.y);
  return {
    x0: handle.includes("w") ? clamp(rect.x0 + dx, 0, rect.x1 - LEAST_SIDE) : rect.x0,
    y0: handle.includes("n") ? clamp(rect.y0 + dy, 0, rect.y1 - LEAST_SIDE) : rect.y0,
    x1: handle.includes("e") ? clamp(rect.x1 + dx, rect.x0 + LEAST_SIDE, image.width) : rect.x1,
    y1: handle.includes("s") ? clamp(rect.y1 + dy, rect.y0 + LEAST_SIDE, image.height) : rect.y1,
  };
}

/** Where a handle is drawn. */
export function handleAt(rect: Rect, handle: Handle): Point {
  const centre = centreOf(rect);
  const x = handle.includes("w") ? rect.x0 : handle.includes("e") ? rect.x1 : centre.x;
  const y = handle.includes("n") ? rect.y0 : handle.includes("s") ? rect.y1 : centre.y;
  return { x, y };
}

/**
 * The handle within reach of a point, or null.
 *
 * A whole side answers, not only its middle. Outwards the reach is full; inwards it ends at a
 * quarter of the side, so that a small box can still be taken by its middle and moved.
 */
export function handleNear(rect: Rect, at: Point, reach: number): Handle | null {
  const across = sideNear(at.x, rect.x0, rect.x1, reach);
  const down = sideNear(at.y, rect.y0, rect.y1, reach);
  if (across === null || down === null) return null;
  const name = ["n", "", "s"][down + 1]! + ["w", "", "e"][across + 1]!;
  return name === "" ? null : (name as Handle);
}

/** -1 near the low end, 1 near the high end, 0 between them, null beyond both. */
function sideNear(value: number, low: number, high: number, reach: number): -1 | 0 | 1 | null {
  if (value < low - reach || value > high + reach) return null;
  const inward = Math.min(reach, (high - low) / 4);
  if (value <= low + inward) return -1;
  if (value >= high - inward) return 1;
  return 0;
}

/** What lies under a pointer: a handle or the inside of the selected box, another box, or nothing. */
export type Hit =
  | { readonly part: "handle"; readonly index: number; readonly handle: Handle }
  | { readonly part: "inside"; readonly index: number; readonly chosen: boolean }
  | { readonly part: "outline"; readonly index: number }
  | { readonly part: "nothing" };

/**
 * What a pointer takes hold of.
 *
 * The selected box comes first. Of the others the outline wins over what lies inside another, and
 * of several the smallest: it is the one that could not be reached otherwise.
 */
export function hit(rects: readonly Rect[], selected: number, at: Point, reach: number): Hit {
  const chosen = rects[selected];
  if (chosen) {
    const handle = handleNear(chosen, at, reach);
    if (handle) return { part: "handle", index: selected, handle };
    if (contains(chosen, at)) return { part: "inside", index: selected, chosen: true };
  }
  const bySize = rects
    .map((_, index) => index)
    .sort((a, b) => areaOf(rects[a]!) - areaOf(rects[b]!));
  const outlined = bySize.find((index) => handleNear(rects[index]!, at, reach / 2) !== null);
  if (outlined !== undefined) return { part: "outline", index: outlined };
  const inside = bySize.find((index) => contains(rects[index]!, at));
  if (inside === undefined) return { part: "nothing" };
  return { part: "inside", index: inside, chosen: false };
}

/** The share of the first rectangle that the second covers, in [0, 1]. */
export function covered(rect: Rect, by: Rect): number {
  const shared = {
    x0: Math.max(rect.x0, by.x0),
    y0: Math.max(rect.y0, by.y0),
    x1: Math.min(rect.x1, by.x1),
    y1: Math.min(rect.y1, by.y1),
  };
  if (shared.x1 <= shared.x0 || shared.y1 <= shared.y0) return 0;
  return areaOf(shared) / areaOf(rect);
}

/** The first salient area that no box covers by half, or null. */
export function nextSalient(salient: readonly Rect[], boxes: readonly Rect[]): Rect | null {
  return salient.find((area) => boxes.every((box) => covered(area, box) < 0.5)) ?? null;
}

/** A rectangle a quarter as wide and high as what is seen, in its middle. */
export function middleOf(seen: Rect, image: Size): Rect {
  const { x, y } = centreOf(seen);
  const half = { x: widthOf(seen) / 8, y: heightOf(seen) / 8 };
  return between({ x: x - half.x, y: y - half.y }, { x: x + half.x, y: y + half.y }, image);
}

/** How far an arrow key moves: a hundredth of the longer side. */
export function arrowStep(image: Size): number {
  return Math.max(1, Math.round(Math.max(image.width, image.height) / 100));
}
