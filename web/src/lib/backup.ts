/** A copy of unsaved work on this device, for when the browser is closed before the network is back. */

export interface Backup<Body> {
  /** Of the newest draft that the server had when this was written. */
  readonly number: number;
  readonly body: Body;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** The browser's store, or null in a frame that is given none. */
export function deviceStore(): Store | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

/** Unsaved work by assignment. A store that is full or missing costs the copy, never the work. */
export class Backups<Body> {
  /**
   * @param prefix - Of the names in the store: each kind of task has its own.
   * @param isBody - Whether what was read is a body; another version of the page may have written it.
   */
  constructor(
    private readonly prefix: string,
    private readonly isBody: (body: Partial<Body>) => boolean,
    private readonly store: Store | null = deviceStore(),
  ) {}

  keep(assignment: string, backup: Backup<Body>): void {
    try {
      this.store?.setItem(this.prefix + assignment, JSON.stringify(backup));
    } catch {
      // Full: the server's draft is the one that counts.
    }
  }

  forget(assignment: string): void {
    this.store?.removeItem(this.prefix + assignment);
  }

  /** The copy, unless the server has had a newer draft since. */
  newerThan(assignment: string, number: number): Body | null {
    const backup = this.read(assignment);
    return backup !== null && backup.number >= number ? backup.body : null;
  }

  /** Throws away copies of all other assignments: their batch is over. */
  sweep(kept: readonly string[]): void {
    const names = Array.from({ length: this.store?.length ?? 0 }, (_, at) => this.store!.key(at));
    const wanted = new Set(kept.map((assignment) => this.prefix + assignment));
    for (const name of names)
      if (name?.startsWith(this.prefix) && !wanted.has(name)) this.store!.removeItem(name);
  }

  private read(assignment: string): Backup<Body> | null {
    try {
      const kept = this.store?.getItem(this.prefix + assignment) ?? "null";
      const backup = JSON.parse(kept) as Backup<Body> | null;
      return backup?.body && this.isBody(backup.body) ? backup : null;
    } catch {
      return null;
    }
  }
}
