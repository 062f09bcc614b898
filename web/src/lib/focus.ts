/** Where the focus goes, and that whatever loses it is still there to deal with that. */

import { tick } from "svelte";

/**
 * Takes the focus from whatever has it, before that is removed from the page; returns its id.
 *
 * A field keeps what was typed when it is left. One that is removed first would be left too late.
 */
export function letGo(): string {
  const at = document.activeElement;
  if (at instanceof HTMLElement || at instanceof SVGElement) at.blur();
  return at?.id ?? "";
}

/** Puts the focus on the first of these that is on the page once it is up to date. */
export async function focusOn(...ids: readonly string[]): Promise<void> {
  await tick();
  const found = ids.map((id) => id && document.getElementById(id)).find(Boolean);
  if (!found) return;
  // The picture is in sight already; a field has to come there.
  found.focus({ preventScroll: !(found instanceof HTMLInputElement) });
}
