/** What a screen reader says after an action; the page holds it in a live region. */

/** Milliseconds after which a key that is held counts as let go. */
const PAUSE = 500;

export class Announcer {
  text = $state("");
  private later: ReturnType<typeof setTimeout> | undefined;

  /** Says it now; what was still to be said is old by then. */
  say(message: string): void {
    clearTimeout(this.later);
    // The same sentence twice is read twice only if something in it differs.
    this.text = message === this.text ? `${message}\u00a0` : message;
  }

  /** Says it once the actions that lead here have ended: a held key speaks once. */
  sayAtRest(message: string): void {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.say(message), PAUSE);
  }
}
