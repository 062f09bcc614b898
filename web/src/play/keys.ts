/** Which key does what in a game. */

import type { Shown } from "./api";

export type Command = { does: "guess"; option: number } | { does: "hint" | "next" };

/** What a keydown event says, and no more, so that a test can make one. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * The command a key press stands for, or null.
 *
 * @param typing - The focus is in a field; a letter is then a letter.
 * @param single - Single letters and digits are keys; a person may switch that off.
 * @param onButton - The focus is on something that Enter presses by itself.
 */
export function commandOf(
  press: Press,
  shown: Shown,
  { typing, single, onButton }: { typing: boolean; single: boolean; onButton: boolean },
): Command | null {
  if (press.altKey || press.ctrlKey || press.metaKey || typing) return null;
  if (shown.phase === "over") return press.key === "Enter" && !onButton ? { does: "next" } : null;
  if (shown.phase !== "guess" || !single) return null;
  if (press.key.toLowerCase() === "h") return { does: "hint" };
  const option = /^[1-9]$/u.test(press.key) ? Number(press.key) - 1 : -1;
  return option in shown.options ? { does: "guess", option } : null;
}

/** What the help lists. */
export const HELP: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ["1", "to", "6"], does: "Guess the class with this number" },
  { keys: ["H"], does: "Show more" },
  { keys: ["Enter"], does: "Add a word; in an empty field: done" },
  { keys: ["Enter"], does: "After the game: play another one" },
];
