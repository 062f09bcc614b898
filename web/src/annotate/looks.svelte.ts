/** How a person likes to see the pictures; the same for a whole batch. */

const SINGLE_KEYS = "netgloss-single-keys";
const NUDGES = "netgloss-nudges";

export class Looks {
  /** Of the heat, in percent. */
  strength = $state(80);
  heat = $state(true);
  /** The bare picture beside the one with heat. */
  beside = $state(false);
  /** Dashed lines round the bright areas. */
  outlines = $state(true);
  /** Whether single letters are keys; somebody who speaks to the computer switches them off. */
  singleKeys = $state(read(SINGLE_KEYS, true));
  /** Whether the chosen box has buttons that move and resize it, for whoever cannot drag. */
  nudges = $state(read(NUDGES, false));

  keepSingleKeys(on: boolean): void {
    this.singleKeys = on;
    keep(SINGLE_KEYS, on);
  }

  keepNudges(on: boolean): void {
    this.nudges = on;
    keep(NUDGES, on);
  }
}

function keep(name: string, on: boolean): void {
  try {
    localStorage.setItem(name, on ? "on" : "off");
  } catch {
    // A frame without a store asks again next time.
  }
}

function read(name: string, usual: boolean): boolean {
  try {
    const kept = localStorage.getItem(name);
    return kept === null ? usual : kept === "on";
  } catch {
    return usual;
  }
}
