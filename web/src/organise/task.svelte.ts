/** Which task the organiser looks at, where the study has more than one: it stands in the address. */

import type { TaskBrief } from "../lib/api";
import { router } from "../lib/router.svelte";
import { session } from "../lib/session.svelte";

class CurrentTask {
  readonly all: readonly TaskBrief[] = $derived(session.me?.tasks ?? []);
  /** Its name; the first one's where the address names none. */
  readonly name: string = $derived(
    this.named(new URLSearchParams(router.query).get("task"))?.name ??
      this.named("annotate")?.name ??
      this.all[0]?.name ??
      "annotate",
  );
  readonly plays = $derived(this.name === "play");

  /** The address of a page about this task, or about another one. */
  at(page: string, task: string = this.name): string {
    return this.all.length > 1 ? `${page}?task=${encodeURIComponent(task)}` : page;
  }

  private named(name: string | null): TaskBrief | undefined {
    return this.all.find((task) => task.name === name);
  }
}

export const current = new CurrentTask();
