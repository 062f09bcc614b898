/** What a person says about one image: boxes with words, or that nothing is recognisable. */

import type { AnnotateBody as Body } from "../lib/types";
import { tidy, withWords } from "../lib/words";
import { clamp, heightOf, LEAST_SIDE, type Rect, type Size, widthOf } from "./geometry";

/** One box; the words are as typed. The id is this page's own and never leaves it. */
export interface Box {
  readonly id: number;
  readonly type: string;
  readonly attributes: readonly string[];
  readonly rect: Rect;
}

export interface Content {
  readonly boxes: readonly Box[];
  readonly nothing: boolean;
}

export const EMPTY: Content = { boxes: [], nothing: false };

/** The server's own limits, told to a person before the server has to. */
export const MOST_BOXES = 100;
export const MOST_ATTRIBUTES = 20;

/** The attributes with new ones at the end; one that is there already is not added again. */
export const withAttributes = (attributes: readonly string[], text: string): readonly string[] =>
  withWords(attributes, text, MOST_ATTRIBUTES);

/** The body to send; words still being typed count as said. */
export function toBody(content: Content, typing: Readonly<Record<number, string>> = {}): Body {
  return {
    boxes: content.boxes.map((box) => ({
      type: tidy(box.type),
      attributes: [...withAttributes(box.attributes, typing[box.id] ?? "")],
      ...box.rect,
    })),
    nothing: content.nothing,
  };
}

/** The content of a body; the server's bodies come back as they went, so only the ids are new. */
export function fromBody(body: Body | null, image: Size): Content {
  if (!body) return EMPTY;
  const boxes = (body.boxes ?? []).map((box, id) => ({
    id,
    type: box.type ?? "",
    attributes: box.attributes ?? [],
    rect: inside(box, image),
  }));
  return { boxes, nothing: Boolean(body.nothing) && boxes.length === 0 };
}

function inside(rect: Rect, image: Size): Rect {
  const x0 = clamp(rect.x0, 0, image.width - LEAST_SIDE);
  const y0 = clamp(rect.y0, 0, image.height - LEAST_SIDE);
  const x1 = clamp(rect.x1, x0 + LEAST_SIDE, image.width);
  const y1 = clamp(rect.y1, y0 + LEAST_SIDE, image.height);
  return { x0, y0, x1, y1 };
}

export const sameBody = (a: Body | null, b: Body | null): boolean => canonical(a) === canonical(b);

/** Equal for equal bodies, whatever the order of their keys. */
function canonical(body: Body | null): string {
  if (!body) return "";
  const boxes = body.boxes.map((box) => [box.type, box.attributes, box.x0, box.y0, box.x1, box.y1]);
  return JSON.stringify([boxes, body.nothing]);
}

/** The words of a box, as they are read out: "claw, orange". */
export function wordsOf(box: Box): string {
  return [tidy(box.type), ...box.attributes].filter(Boolean).join(", ");
}

/** A box as it is spoken: "Box 2: claw, orange; 120 by 80 pixels". */
export function spoken(box: Box, number: number): string {
  const size = `${widthOf(box.rect)} by ${heightOf(box.rect)} pixels`;
  return `Box ${number}: ${wordsOf(box) || "no words yet"}; ${size}`;
}

/** Where a sentence belongs: a field of a box, or the image as a whole. */
export interface Problem {
  readonly box: number | null;
  readonly field: "type" | "attributes" | "image";
  readonly message: string;
}

/** What is missing before this can be an answer, in the order of the boxes. */
export function problems(content: Content): Problem[] {
  if (content.nothing) return [];
  if (content.boxes.length === 0) {
    const message =
      "Draw a box round something in the bright areas, or say that nothing there is recognisable.";
    return [{ box: null, field: "image", message }];
  }
  return content.boxes.flatMap((box, index) => missing(box, index + 1));
}

function missing(box: Box, number: number): Problem[] {
  const found: Problem[] = [];
  if (tidy(box.type) === "") {
    const message = `Box ${number} has no name: say in one noun what it shows.`;
    found.push({ box: box.id, field: "type", message });
  }
  if (box.attributes.length === 0) {
    const message = `Box ${number} has no description: add a colour, a texture or another property.`;
    found.push({ box: box.id, field: "attributes", message });
  }
  return found;
}
