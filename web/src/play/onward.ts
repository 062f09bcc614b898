/** The way from one game to the next: one request where nothing is due in between. */

import type { After, Finish } from "../lib/api";
import { untilHeard } from "../lib/hearing";
import type { LeftOut } from "./leftOut";

/** Where it can lead. */
export interface Ways {
  /** Ends the batch on the server. */
  finish(batch: string): Promise<Finish>;
  /** To what is due after the batch: forms, a panel's code. */
  due(): void;
  /**
   * To another game.
   *
   * @param ended - The batch to end with the same request; none where it has ended.
   */
  another(ended?: string): Promise<void>;
}

export class Onward {
  /**
   * @param once - Forms that are asked for once; see {@link LeftOut.has}.
   */
  constructor(
    private readonly ways: Ways,
    private readonly leftOut: LeftOut,
    private readonly once: readonly string[],
  ) {}

  /**
   * Goes on to the next game, or to what is due before it.
   *
   * @param after - What the server said with the end of this game; null where that is not known.
   * @throws ApiError - the server does not end the batch.
   */
  async next(batch: string, after: After | null): Promise<void> {
    if (after && !this.isDue(after)) await this.ways.another(batch);
    else await this.leave(batch, () => this.ways.another());
  }

  /**
   * Ends the batch and goes on, unless something is due.
   *
   * @throws ApiError - the server does not end the batch.
   */
  async leave(batch: string, goOn: () => unknown): Promise<void> {
    const done = await untilHeard(() => this.ways.finish(batch));
    const due = this.isDue(done);
    this.leftOut.add(done.forms);
    if (due) this.ways.due();
    else await goOn();
  }

  private isDue({ forms, completion, more }: After): boolean {
    const asked = forms.some((form) => !this.leftOut.has(form, this.once));
    return asked || completion !== null || !more;
  }
}
