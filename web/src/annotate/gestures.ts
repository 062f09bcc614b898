/** Mouse, pen and fingers on the picture: who draws, moves, resizes, pans or pinches. */

import type { Handle, Hit, Point } from "./geometry";

/** A pointer at a place of the frame, in CSS pixels. */
export interface Pointer {
  readonly id: number;
  readonly at: Point;
  readonly touch: boolean;
}

/** What the fingers mean. Every drag ends in one `dropped` or one `cancelled`. */
export interface Meaning {
  /** What lies under a place, found with this reach in CSS pixels. */
  hit(at: Point, reach: number): Hit;
  drawing(from: Point, to: Point): void;
  moving(index: number, by: Point): void;
  resizing(index: number, handle: Handle, by: Point): void;
  panning(by: Point): void;
  pinching(before: readonly [Point, Point], after: readonly [Point, Point]): void;
  /** Which box a press without a drag means, whichever is chosen already; -1: none. */
  pick(at: Point, reach: number): number;
  /** A box, or nothing (-1), was pressed without a drag. */
  tapped(index: number): void;
  /** A drag begins with this box, which becomes the chosen one. */
  taken(index: number): void;
  dropped(): void;
  cancelled(): void;
}

/** Half of the 44 pixels that a finger needs; a mouse is finer. */
export const FINGER_REACH = 22;
export const MOUSE_REACH = 8;

const reachOf = (pointer: Pointer): number => (pointer.touch ? FINGER_REACH : MOUSE_REACH);

/** A hand is never quite still: a press becomes a drag after this many pixels. */
const SLOP = { touch: 8, mouse: 3 };

type Drag =
  | { kind: "draw" }
  | { kind: "move"; index: number }
  | { kind: "resize"; index: number; handle: Handle }
  | { kind: "pan" };

/** How a press was meant before it began to move. */
export interface Manner {
  /** Draws whatever lies under the pointer. */
  readonly draw?: boolean;
  /** Pans whatever lies under the pointer. */
  readonly pan?: boolean;
}

export class Gestures {
  private readonly pointers = new Map<number, Pointer>();
  private start: Pointer | null = null;
  private under: Hit = { part: "nothing" };
  private manner: Manner = {};
  private drag: Drag | null = null;
  private pinch = false;

  constructor(private readonly meaning: Meaning) {}

  get busy(): boolean {
    return this.drag !== null || this.pinch;
  }

  down(pointer: Pointer, manner: Manner = {}): void {
    this.pointers.set(pointer.id, pointer);
    if (this.pointers.size === 2) return this.beginPinch();
    if (this.pointers.size > 2 || this.pinch) return;
    this.start = pointer;
    this.manner = manner;
    this.under = this.meaning.hit(pointer.at, reachOf(pointer));
  }

  move(pointer: Pointer): void {
    const before = this.pointers.get(pointer.id);
    if (!before) return;
    this.pointers.set(pointer.id, pointer);
    if (this.pinch) return this.goOnPinching(pointer, before);
    if (pointer.id !== this.start?.id) return;
    if (!this.drag && !this.beginDrag(pointer)) return;
    this.goOnDragging(pointer, before);
  }

  up(pointer: Pointer): void {
    if (!this.pointers.delete(pointer.id)) return;
    if (this.pinch) {
      // The finger that stays must not go on drawing where the other one left.
      this.pinch = this.pointers.size > 0;
      return;
    }
    if (pointer.id !== this.start?.id) return;
    if (this.drag) this.meaning.dropped();
    else this.meaning.tapped(this.pressed(this.start));
    this.start = this.drag = null;
  }

  /** The browser took the pointer away, or a person pressed Escape. */
  cancel(): void {
    if (this.drag) this.meaning.cancelled();
    this.pointers.clear();
    this.start = this.drag = null;
    this.pinch = false;
  }

  private pressed(start: Pointer): number {
    if (this.under.part === "handle") return this.under.index;
    return this.meaning.pick(start.at, reachOf(start));
  }

  private beginDrag(pointer: Pointer): boolean {
    const from = this.start!;
    const slop = from.touch ? SLOP.touch : SLOP.mouse;
    if (Math.hypot(pointer.at.x - from.at.x, pointer.at.y - from.at.y) < slop) return false;
    this.drag = this.dragFor(this.under);
    if ("index" in this.drag) this.meaning.taken(this.drag.index);
    return true;
  }

  private dragFor(under: Hit): Drag {
    if (this.manner.pan) return { kind: "pan" };
    if (this.manner.draw) return { kind: "draw" };
    if (under.part === "handle")
      return { kind: "resize", index: under.index, handle: under.handle };
    if (under.part === "outline") return { kind: "move", index: under.index };
    if (under.part === "inside" && under.chosen) return { kind: "move", index: under.index };
    return { kind: "draw" };
  }

  private goOnDragging(pointer: Pointer, before: Pointer): void {
    const drag = this.drag!;
    const from = this.start!.at;
    const by = { x: pointer.at.x - from.x, y: pointer.at.y - from.y };
    if (drag.kind === "draw") this.meaning.drawing(from, pointer.at);
    else if (drag.kind === "move") this.meaning.moving(drag.index, by);
    else if (drag.kind === "resize") this.meaning.resizing(drag.index, drag.handle, by);
    else this.meaning.panning({ x: pointer.at.x - before.at.x, y: pointer.at.y - before.at.y });
  }

  /** A second finger: what the first one began was not meant. */
  private beginPinch(): void {
    if (this.drag) this.meaning.cancelled();
    this.start = this.drag = null;
    this.pinch = true;
  }

  private goOnPinching(pointer: Pointer, before: Pointer): void {
    if (this.pointers.size !== 2) return;
    const other = [...this.pointers.values()].find((one) => one.id !== pointer.id)!;
    this.meaning.pinching([before.at, other.at], [pointer.at, other.at]);
  }
}
