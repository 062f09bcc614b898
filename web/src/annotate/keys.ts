/** Which key does what: one table, read by the page and by its help. */

export type Command =
  | "help"
  | "new-box"
  | "nothing"
  | "heat"
  | "side-by-side"
  | "outlines"
  | "zoom-in"
  | "zoom-out"
  | "zoom-fit"
  | "undo"
  | "redo"
  | "next"
  | "previous";

/** What a keydown event says, and no more, so that a test can make one. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

interface Shortcut {
  readonly command: Command;
  readonly keys: readonly string[];
  /** With Ctrl, or Command on a Mac. Those work everywhere, single keys only outside fields. */
  readonly control: boolean;
  readonly shift?: boolean;
}

const SHORTCUTS: readonly Shortcut[] = [
  { command: "undo", keys: ["z"], control: true, shift: false },
  { command: "redo", keys: ["z"], control: true, shift: true },
  { command: "redo", keys: ["y"], control: true, shift: false },
  { command: "next", keys: ["enter"], control: true },
  { command: "help", keys: ["?"], control: false },
  { command: "new-box", keys: ["n"], control: false },
  { command: "nothing", keys: ["x"], control: false },
  { command: "heat", keys: ["h"], control: false },
  { command: "side-by-side", keys: ["s"], control: false },
  { command: "outlines", keys: ["o"], control: false },
  { command: "zoom-in", keys: ["+", "="], control: false },
  { command: "zoom-out", keys: ["-", "_"], control: false },
  { command: "zoom-fit", keys: ["0"], control: false },
  { command: "previous", keys: ["p"], control: false },
];

/**
 * The command a key press stands for, or null.
 *
 * Args:
 *   typing: the focus is in a field; a letter is then a letter.
 *   single: single keys are switched on (a person may switch them off).
 */
export function commandOf(press: Press, typing: boolean, single: boolean): Command | null {
  if (press.altKey) return null;
  const control = press.ctrlKey || press.metaKey;
  if (!control && (typing || !single)) return null;
  const key = press.key.toLowerCase();
  const found = SHORTCUTS.find(
    (one) =>
      one.control === control &&
      one.keys.includes(key) &&
      (one.shift === undefined || one.shift === press.shiftKey),
  );
  return found?.command ?? null;
}

/** What is done again and again while its key is held down; the rest is done once. */
export const REPEATED: ReadonlySet<Command> = new Set(["undo", "redo", "zoom-in", "zoom-out"]);

/** Left is -1, right is 1; null for keys that are no arrows. */
export function arrowOf(key: string): { x: number; y: number } | null {
  switch (key) {
    case "ArrowLeft":
      return { x: -1, y: 0 };
    case "ArrowRight":
      return { x: 1, y: 0 };
    case "ArrowUp":
      return { x: 0, y: -1 };
    case "ArrowDown":
      return { x: 0, y: 1 };
    default:
      return null;
  }
}

export interface HelpGroup {
  readonly title: string;
  readonly rows: readonly { readonly keys: readonly string[]; readonly does: string }[];
}

/** What the help dialog lists. */
export const HELP: readonly HelpGroup[] = [
  {
    title: "Outside the fields",
    rows: [
      { keys: ["N"], does: "New box, on the next bright area or in the middle" },
      { keys: ["Tab"], does: "Go to the next box" },
      { keys: ["Arrows"], does: "Move a zoomed picture" },
      { keys: ["H"], does: "Show or hide the heat" },
      { keys: ["S"], does: "Show the bare picture beside it" },
      { keys: ["O"], does: "Show or hide the dashed outlines" },
      { keys: ["+", "-", "0"], does: "Zoom in, zoom out, see all" },
      { keys: ["X"], does: "Say that nothing is recognisable" },
      { keys: ["P"], does: "Previous picture" },
      { keys: ["?"], does: "This help" },
    ],
  },
  {
    title: "On a box",
    rows: [
      { keys: ["Arrows"], does: "Move it; with Ctrl by one pixel" },
      { keys: ["Shift", "Arrows"], does: "Make it larger or smaller" },
      { keys: ["Enter"], does: "Go to its words" },
      { keys: ["Delete"], does: "Delete it" },
      { keys: ["Esc"], does: "Back to the picture" },
    ],
  },
  {
    title: "In the words",
    rows: [
      { keys: ["Enter", ","], does: "Add the description" },
      { keys: ["Backspace"], does: "In an empty field: remove the last one" },
      { keys: ["↓", "↑"], does: "Choose a suggestion" },
      { keys: ["Esc"], does: "Close the suggestions; again: back to the box" },
    ],
  },
  {
    title: "Everywhere",
    rows: [
      { keys: ["Ctrl", "Enter"], does: "Next picture" },
      { keys: ["Ctrl", "Z"], does: "Undo" },
      { keys: ["Ctrl", "Shift", "Z"], does: "Do again" },
    ],
  },
];

/** What is done with a mouse, and what with fingers. */
export const GESTURES: readonly { readonly how: string; readonly does: string }[] = [
  { how: "Drag over the picture", does: "Draw a box, also inside another one" },
  { how: "Click or tap a box", does: "Choose it; then drag it, or its handles" },
  {
    how: "The arrows on a chosen box’s card",
    does: "Move and size it with buttons, without dragging",
  },
  { how: "Shift and drag", does: "Draw inside the chosen box" },
  { how: "Ctrl and wheel, or two fingers", does: "Zoom and move the picture" },
];
