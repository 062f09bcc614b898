/** Which part of the image is seen: zoom, pan and the way between screen and image pixels. */

import { clamp, type Point, type Rect, type Size } from "./geometry";

/** A point p of the image lies at p · scale + (x, y) of the frame, in CSS pixels. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** How far in one can go, as a multiple of the scale at which the whole image fits. */
export const MOST_ZOOM = 8;

/** What one press of a zoom key or button multiplies by. */
export const ZOOM_STEP = 1.25;

/** The whole image, as large as the frame allows, in its middle. */
export function fitted(image: Size, frame: Size): View {
  const scale = Math.min(frame.width / image.width, frame.height / image.height);
  return bounded({ scale, x: 0, y: 0 }, image, frame);
}

/** How many times larger than fitted. */
export function zoomOf(view: View, image: Size, frame: Size): number {
  return view.scale / fitScale(image, frame);
}

function fitScale(image: Size, frame: Size): number {
  return Math.min(frame.width / image.width, frame.height / image.height);
}

/** The view within its limits: no smaller than fitted, no gap where the image could fill the frame. */
export function bounded(view: View, image: Size, frame: Size): View {
  const least = Math.min(frame.width / image.width, frame.height / image.height);
  const scale = clamp(view.scale, least, least * MOST_ZOOM);
  return {
    scale,
    x: offset(view.x, image.width * scale, frame.width),
    y: offset(view.y, image.height * scale, frame.height),
  };
}

function offset(wanted: number, length: number, room: number): number {
  return length <= room ? (room - length) / 2 : clamp(wanted, room - length, 0);
}

/** Larger or smaller by a factor; the image under the anchor stays where it is on the screen. */
export function zoomed(view: View, factor: number, anchor: Point, image: Size, frame: Size): View {
  const least = fitScale(image, frame);
  const scale = clamp(view.scale * factor, least, least * MOST_ZOOM);
  const under = toImage(view, anchor);
  return bounded(
    { scale, x: anchor.x - under.x * scale, y: anchor.y - under.y * scale },
    image,
    frame,
  );
}

/** Moved by CSS pixels. */
export function panned(view: View, by: Point, image: Size, frame: Size): View {
  return bounded({ ...view, x: view.x + by.x, y: view.y + by.y }, image, frame);
}

/** Two fingers moved: what lay under each of them follows, as far as one scale can do both. */
export function pinched(
  view: View,
  before: readonly [Point, Point],
  after: readonly [Point, Point],
  image: Size,
  frame: Size,
): View {
  const factor = distance(...after) / Math.max(1, distance(...before));
  const from = midpoint(...before);
  const to = midpoint(...after);
  const shifted = { ...view, x: view.x + to.x - from.x, y: view.y + to.y - from.y };
  return zoomed(shifted, factor, to, image, frame);
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
const midpoint = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** From CSS pixels of the frame to pixels of the image. */
export function toImage(view: View, at: Point): Point {
  return { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale };
}

/** From pixels of the image to CSS pixels of the frame. */
export function toFrame(view: View, rect: Rect): Rect {
  return {
    x0: rect.x0 * view.scale + view.x,
    y0: rect.y0 * view.scale + view.y,
    x1: rect.x1 * view.scale + view.x,
    y1: rect.y1 * view.scale + view.y,
  };
}

/** The part of the image that is on the screen. */
export function seen(view: View, image: Size, frame: Size): Rect {
  const from = toImage(view, { x: 0, y: 0 });
  const to = toImage(view, { x: frame.width, y: frame.height });
  return {
    x0: Math.max(0, from.x),
    y0: Math.max(0, from.y),
    x1: Math.min(image.width, to.x),
    y1: Math.min(image.height, to.y),
  };
}

/** The view panned just far enough that the rectangle is on the screen. */
export function revealing(view: View, rect: Rect, image: Size, frame: Size): View {
  const at = toFrame(view, rect);
  const margin = 12;
  return panned(
    view,
    {
      x: nudge(at.x0 - margin, at.x1 + margin, frame.width),
      y: nudge(at.y0 - margin, at.y1 + margin, frame.height),
    },
    image,
    frame,
  );
}

/** How far a stretch must move to lie between 0 and room; where it is longer, its start wins. */
function nudge(low: number, high: number, room: number): number {
  if (low < 0 || high - low > room) return -low;
  return Math.min(0, room - high);
}
