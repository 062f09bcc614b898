/** How a person likes to see the pictures; the same for a whole batch. */

const SINGLE_KEYS = "netgloss-single-keys";

export class Looks {
  /** Of the heat, in percent. */
  strength = $state(80);
  heat = $state(true);
  /** The bare picture beside the one with heat. */
  beside = $state(false);
  /** Dashed lines round the bright areas. */
  outlines = $state(true);
  /** Whether single letters are keys; somebody who speaks to the computer switches them off. */
  singleKeys = $state(read());

  keepSingleKeys(on: boolean): void {
    this.singleKeys = on;
    try {
      localStorage.setItem(SINGLE_KEYS, on ? "on" : "off");
    } catch {
      // A frame without a store asks again next time.
    }
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(SINGLE_KEYS) !== "off";
  } catch {
    return true;
  }
}
