/** Who is using the page, and what the frame round each page shows for them. */

import type { Snippet } from "svelte";
import { client, me, type Me } from "./api";

class Session {
  me = $state<Me | null>(null);
  fault = $state<unknown>(null);

  /** Asks the server; a page that needs to know waits for it. */
  async load(): Promise<void> {
    this.fault = null;
    try {
      this.me = await me();
    } catch (fault) {
      this.fault = fault;
    }
  }

  /** Asks again behind the page's back; where that fails, what is known stays. */
  async refresh(): Promise<void> {
    const known = this.me;
    try {
      const found = await me();
      // Whoever signed in or out meanwhile knows better.
      if (this.me === known) this.me = found;
    } catch {
      // The next page that needs to know asks itself.
    }
  }

  get person() {
    return this.me?.person ?? null;
  }

  get title(): string {
    return this.me?.study.title ?? "Netgloss";
  }

  get isOrganiser(): boolean {
    return this.person?.role === "organiser";
  }

  /** What to call the person. */
  get name(): string {
    if (!this.person) return "";
    return this.person.name || (this.person.kind === "guest" ? "Guest" : "Your page");
  }
}

class Shell {
  /** Buttons that a page puts into the header. */
  actions = $state<Snippet | null>(null);
  /** Whether the page uses the whole window: the header is one line, the footer goes. */
  working = $state(false);
}

/** Whether requests get through; false after a short while only, so that a hiccup stays unseen. */
class Connectivity {
  cut = $state(false);

  constructor() {
    let timer: ReturnType<typeof setTimeout> | undefined;
    client.onConnection(({ online, waiting }) => {
      clearTimeout(timer);
      if (online && waiting === 0) this.cut = false;
      else timer = setTimeout(() => (this.cut = true), 600);
    });
  }
}

export const session = new Session();
export const shell = new Shell();
export const connectivity = new Connectivity();
