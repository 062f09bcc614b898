/** What mouse and fingers mean on the picture: a box drawn, moved, resized or chosen, or another view. */

import type { Editor } from "./editor.svelte";
import {
  between,
  type Handle,
  hit,
  type Hit,
  moved,
  type Point,
  type Rect,
  resized,
  type Size,
} from "./geometry";
import { type Meaning, MOUSE_REACH } from "./gestures";
import { panned, pinched, toImage, type View } from "./view";

/** The picture that is drawn on, as it is at the moment. */
export interface Scene {
  readonly editor: Editor;
  readonly image: Size;
  readonly frame: Size;
  readonly view: View;
  look(view: View): void;
  /** A box was drawn. */
  drawn(id: number): void;
  /** A box was moved, resized or chosen. */
  held(id: number): void;
  /** There are as many boxes as there may be. */
  full(): void;
}

const CURSORS: Record<Handle, string> = {
  n: "ns-resize",
  s: "ns-resize",
  e: "ew-resize",
  w: "ew-resize",
  nw: "nwse-resize",
  se: "nwse-resize",
  ne: "nesw-resize",
  sw: "nesw-resize",
};

export class Strokes implements Meaning {
  /** Of the stroke that is on its way: it ends where it began, also if another picture comes. */
  private editor: Editor | null = null;
  private box: { readonly id: number; readonly rect: Rect; readonly fresh: boolean } | null = null;

  constructor(private readonly scene: Scene) {}

  hit(at: Point, reach: number): Hit {
    const { editor, view } = this.scene;
    return hit(editor.rects, editor.chosenIndex, toImage(view, at), reach / view.scale);
  }

  /** The mouse pointer that says what a drag from here would do. */
  cursor(at: Point): string {
    const under = this.hit(at, MOUSE_REACH);
    if (under.part === "handle") return CURSORS[under.handle];
    if (under.part === "outline") return "pointer";
    return under.part === "inside" && under.chosen ? "move" : "crosshair";
  }

  pick(at: Point, reach: number): number {
    const { editor, view } = this.scene;
    const under = hit(editor.rects, -1, toImage(view, at), reach / view.scale);
    return under.part === "nothing" ? -1 : under.index;
  }

  drawing(from: Point, to: Point): void {
    const { view, image } = this.scene;
    const rect = between(toImage(view, from), toImage(view, to), image);
    if (!this.editor) this.beginBox(rect);
    else if (this.box) this.editor.place(this.box.id, rect, "drawn");
  }

  taken(index: number): void {
    this.begin();
    const { id, rect } = this.scene.editor.content.boxes[index]!;
    this.scene.editor.chosen = id;
    this.box = { id, rect, fresh: false };
  }

  moving(_: number, by: Point): void {
    if (!this.box) return;
    const rect = moved(this.box.rect, this.onImage(by), this.scene.image);
    this.editor?.place(this.box.id, rect, "moved");
  }

  resizing(_: number, handle: Handle, by: Point): void {
    if (!this.box) return;
    const rect = resized(this.box.rect, handle, this.onImage(by), this.scene.image);
    this.editor?.place(this.box.id, rect, "resized");
  }

  panning(by: Point): void {
    const { view, image, frame } = this.scene;
    this.scene.look(panned(view, by, image, frame));
  }

  pinching(before: readonly [Point, Point], after: readonly [Point, Point]): void {
    const { view, image, frame } = this.scene;
    this.scene.look(pinched(view, before, after, image, frame));
  }

  tapped(index: number): void {
    const { editor } = this.scene;
    const box = editor.content.boxes[index];
    editor.chosen = box?.id ?? null;
    if (box) this.scene.held(box.id);
  }

  dropped(): void {
    this.editor?.release();
    const { box } = this;
    this.end();
    if (box?.fresh) this.scene.drawn(box.id);
    else if (box) this.scene.held(box.id);
  }

  cancelled(): void {
    this.editor?.giveUp();
    this.end();
  }

  private beginBox(rect: Rect): void {
    this.begin();
    const id = this.scene.editor.add(rect);
    if (id === null) this.scene.full();
    else this.box = { id, rect, fresh: true };
  }

  private begin(): void {
    this.editor = this.scene.editor;
    this.editor.hold();
  }

  private end(): void {
    this.editor = this.box = null;
  }

  private onImage(by: Point): Point {
    const { scale } = this.scene.view;
    return { x: by.x / scale, y: by.y / scale };
  }
}
