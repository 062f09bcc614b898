/** A copy of unsaved work on this device, for when the browser is closed before the network is back. */

import type { AnnotateBody } from "../lib/types";

export interface Backup {
  /** Of the newest draft that the server had when this was written. */
  readonly number: number;
  readonly body: AnnotateBody;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const PREFIX = "netgloss-draft-";

/** The browser's store, or null in a frame that is given none. */
export function deviceStore(): Store | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

/** Unsaved work by assignment. A store that is full or missing costs the copy, never the work. */
export class Backups {
  constructor(private readonly store: Store | null = deviceStore()) {}

  keep(assignment: string, backup: Backup): void {
    try {
      this.store?.setItem(PREFIX + assignment, JSON.stringify(backup));
    } catch {
      // Full: the server's draft is the one that counts.
    }
  }

  forget(assignment: string): void {
    this.store?.removeItem(PREFIX + assignment);
  }

  /** The copy, unless the server has had a newer draft since. */
  newerThan(assignment: string, number: number): AnnotateBody | null {
    const backup = this.read(assignment);
    return backup !== null && backup.number >= number ? backup.body : null;
  }

  /** Throws away copies of all other assignments: their batch is over. */
  sweep(kept: readonly string[]): void {
    const names = Array.from({ length: this.store?.length ?? 0 }, (_, at) => this.store!.key(at));
    const wanted = new Set(kept.map((assignment) => PREFIX + assignment));
    for (const name of names)
      if (name?.startsWith(PREFIX) && !wanted.has(name)) this.store!.removeItem(name);
  }

  private read(assignment: string): Backup | null {
    try {
      const backup = JSON.parse(
        this.store?.getItem(PREFIX + assignment) ?? "null",
      ) as Backup | null;
      return Array.isArray(backup?.body?.boxes) ? backup : null;
    } catch {
      return null;
    }
  }
}
