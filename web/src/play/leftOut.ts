/** Forms that were put before a player in this window: not again after every game of a minute. */

const NAME = "netgloss-forms-asked";

type Store = Pick<Storage, "getItem" | "setItem">;

/** The window's own store, or null in a frame that is given none. */
function windowStore(): Store | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

export class LeftOut {
  private readonly names = new Set<string>();

  constructor(private readonly store: Store | null = windowStore()) {
    try {
      const kept = JSON.parse(store?.getItem(NAME) ?? "[]") as unknown;
      if (Array.isArray(kept)) for (const name of kept) this.names.add(String(name));
    } catch {
      // Another version of the page wrote it.
    }
  }

  /**
   * Whether a form was put before the player and is still due, so that they have left it out.
   *
   * @param once - Forms that are asked for once; any other is meant for after each game.
   */
  has(form: string, once: readonly string[]): boolean {
    return once.includes(form) && this.names.has(form);
  }

  /** These are put before the player now. */
  add(forms: readonly string[]): void {
    for (const form of forms) this.names.add(form);
    try {
      this.store?.setItem(NAME, JSON.stringify([...this.names]));
    } catch {
      // Full: the question comes again, which costs a click.
    }
  }
}
