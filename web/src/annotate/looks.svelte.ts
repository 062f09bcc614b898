/** How a person likes to see the pictures; the same for a whole batch. */

import { keep, kept, SINGLE_KEYS } from "../lib/keeping";

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
  singleKeys = $state(kept(SINGLE_KEYS, true));
  /** Whether the chosen box has buttons that move and resize it, for whoever cannot drag. */
  nudges = $state(kept(NUDGES, false));

  keepSingleKeys(on: boolean): void {
    this.singleKeys = on;
    keep(SINGLE_KEYS, on);
  }

  keepNudges(on: boolean): void {
    this.nudges = on;
    keep(NUDGES, on);
  }
}
