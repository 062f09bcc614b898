/** What a form goes through while it is sent: busy, then done or a sentence that says what is wrong. */

import { ApiError, sentence } from "./api";

export class Submitting {
  busy = $state(false);
  done = $state(false);
  message = $state("");
  /** The field at fault, where the server names one. */
  where = $state("");

  /** Runs the work unless it already runs; tells whether it was done. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.done = false;
    this.forget();
    try {
      await work();
      this.done = true;
    } catch (fault) {
      this.message = sentence(fault);
      // A refusal is named after the field that it is about: "password", "name_taken".
      if (fault instanceof ApiError)
        this.where = String(fault.details.where ?? fault.code.replace(/_taken$/, ""));
    } finally {
      this.busy = false;
    }
    return this.done;
  }

  /** The message, where it belongs to this field. */
  at(field: string): string {
    return this.where === field ? this.message : "";
  }

  /** The message, where it belongs to none of these fields. */
  besides(...fields: string[]): string {
    return fields.includes(this.where) ? "" : this.message;
  }

  private forget(): void {
    this.message = "";
    this.where = "";
  }
}
