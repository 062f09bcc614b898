/** One image's boxes while a person works on them: every action, undone and redone. */

import {
  type Box,
  type Content,
  EMPTY,
  MOST_ATTRIBUTES,
  MOST_BOXES,
  toBody,
  withAttributes,
} from "./content";
import { type Rect, sameRect } from "./geometry";
import { History } from "./history";
import type { AnnotateBody } from "../lib/types";
import { tidy } from "../lib/words";

export class Editor {
  content: Content = $state.raw(EMPTY);
  /** The id of the chosen box, or null. */
  chosen: number | null = $state(null);
  /** Descriptions being typed, by box; they count as said once the focus leaves their field. */
  typing: Readonly<Record<number, string>> = $state.raw({});
  canUndo = $state(false);
  canRedo = $state(false);

  private readonly history: History<Content>;
  private fresh: number;
  private stroke = 0;
  private held = false;
  private drawn = false;

  /**
   * @param content - What the image starts with; undo goes back no further.
   * @param changed - Called after each action, and at the end of a drag rather than along it.
   */
  constructor(
    content: Content,
    private readonly changed: () => void,
  ) {
    this.history = new History(content);
    this.fresh = Math.max(-1, ...content.boxes.map((box) => box.id)) + 1;
    this.show();
  }

  get rects(): Rect[] {
    return this.content.boxes.map((box) => box.rect);
  }

  /** The place of the chosen box, or -1. */
  get chosenIndex(): number {
    return this.content.boxes.findIndex((box) => box.id === this.chosen);
  }

  get full(): boolean {
    return this.content.boxes.length >= MOST_BOXES;
  }

  get body(): AnnotateBody {
    return toBody(this.content, this.typing);
  }

  box(id: number): Box | undefined {
    return this.content.boxes.find((box) => box.id === id);
  }

  /** The number by which people know a box. */
  numberOf(id: number): number {
    return this.content.boxes.findIndex((box) => box.id === id) + 1;
  }

  /** A new box without words; returns its id, or null where there are too many. */
  add(rect: Rect): number | null {
    if (this.full) return null;
    const id = this.fresh++;
    const boxes = [...this.content.boxes, { id, type: "", attributes: [], rect }];
    this.chosen = id;
    this.record({ boxes, nothing: false }, `Box ${boxes.length} added`, this.strokeKey);
    return id;
  }

  /** Puts a box elsewhere; `merge` joins what one drag or one held key does. */
  place(id: number, rect: Rect, label: string, merge: string | null = null): void {
    const box = this.box(id);
    if (!box || sameRect(box.rect, rect)) return;
    this.change({ ...box, rect }, `Box ${this.numberOf(id)} ${label}`, this.strokeKey ?? merge);
  }

  remove(id: number): void {
    const number = this.numberOf(id);
    if (number === 0) return;
    const boxes = this.content.boxes.filter((box) => box.id !== id);
    if (this.chosen === id) this.chosen = null;
    this.record({ boxes, nothing: false }, `Box ${number} deleted`);
  }

  /** The noun as it is typed, letter by letter; leaving the field ends the step. */
  name(id: number, type: string): void {
    const box = this.box(id);
    if (!box || box.type === type) return;
    this.change({ ...box, type }, `Name of box ${this.numberOf(id)} changed`, `name-${id}`);
  }

  /** Adds what is typed or given as descriptions; returns whether any was new. */
  describe(id: number, text: string): boolean {
    const box = this.box(id);
    this.type(id, "");
    if (!box) return false;
    const attributes = withAttributes(box.attributes, text);
    if (attributes.length === box.attributes.length) return false;
    const added = attributes.slice(box.attributes.length).join(", ");
    this.change({ ...box, attributes }, `${added} added to box ${this.numberOf(id)}`);
    return true;
  }

  undescribe(id: number, place: number): void {
    const box = this.box(id);
    const word = box?.attributes[place];
    if (!box || word === undefined) return;
    const attributes = box.attributes.filter((_, at) => at !== place);
    this.change({ ...box, attributes }, `${word} removed from box ${this.numberOf(id)}`);
  }

  fullyDescribed(box: Box): boolean {
    return box.attributes.length >= MOST_ATTRIBUTES;
  }

  /** A description on its way; saved with the draft, but no step to undo. */
  type(id: number, text: string): void {
    if ((this.typing[id] ?? "") === text) return;
    this.typing = { ...this.typing, [id]: text };
    this.tell();
  }

  /** Says, or takes back, that nothing is recognisable; boxes go with it and come back by undo. */
  sayNothing(nothing: boolean): void {
    if (nothing === this.content.nothing) return;
    const boxes = nothing ? [] : this.content.boxes;
    this.chosen = nothing ? null : this.chosen;
    this.record({ boxes, nothing }, nothing ? "Nothing recognisable" : "Something is recognisable");
  }

  /** What another window saved; one's own is one undo away. */
  take(content: Content): void {
    this.fresh = Math.max(this.fresh, ...content.boxes.map((box) => box.id + 1));
    this.record(content, "The other window's version taken");
  }

  /** Everything typed becomes words, as if each field had been left. */
  commit(): void {
    for (const [id, text] of Object.entries(this.typing)) this.describe(Number(id), text);
    for (const box of this.content.boxes) {
      const type = tidy(box.type);
      if (type !== box.type) this.name(box.id, type);
    }
    this.seal();
  }

  /** Ends a row of letters or key presses: what comes next is a step of its own. */
  seal(): void {
    this.history.seal();
  }

  /** A drag begins: all of it is one step, and `changed` waits for its end. */
  hold(): void {
    this.stroke += 1;
    this.held = true;
    this.drawn = false;
  }

  /** The drag ends. */
  release(): void {
    if (!this.held) return;
    this.held = false;
    this.seal();
    this.tell();
  }

  /** The drag was not meant. */
  giveUp(): void {
    if (!this.held) return;
    this.held = false;
    if (this.drawn) this.history.revert();
    this.show();
  }

  /** What was taken back, or null. */
  undo(): string | null {
    return this.step(this.history.undo());
  }

  /** What was done again, or null. */
  redo(): string | null {
    return this.step(this.history.redo());
  }

  private get strokeKey(): string | null {
    return this.held ? `drag-${this.stroke}` : null;
  }

  private step(label: string | null): string | null {
    if (label === null) return null;
    this.show();
    this.tell();
    return label;
  }

  private change(box: Box, label: string, merge: string | null = null): void {
    const boxes = this.content.boxes.map((one) => (one.id === box.id ? box : one));
    this.record({ boxes, nothing: false }, label, merge);
  }

  private record(content: Content, label: string, merge: string | null = null): void {
    this.history.record(content, label, merge);
    this.drawn = true;
    this.show();
    this.tell();
  }

  private show(): void {
    this.content = this.history.value;
    this.canUndo = this.history.canUndo;
    this.canRedo = this.history.canRedo;
    if (this.chosen !== null && !this.box(this.chosen)) this.chosen = null;
  }

  private tell(): void {
    if (!this.held) this.changed();
  }
}
