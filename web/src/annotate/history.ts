/** What was done, so that it can be undone and done again. */

interface Step<T> {
  readonly value: T;
  /** What led to this value, as a sentence: "Box 2 moved". */
  readonly label: string;
  /** Steps in a row with the same key are one: a word typed is one step, not six. */
  readonly merge: string | null;
}

/** Steps kept; a person does not walk back further, and an image has few. */
const LIMIT = 500;

/** A value with its past and its future. Values are never changed, only replaced. */
export class History<T> {
  private steps: Step<T>[];
  private at = 0;

  constructor(first: T) {
    this.steps = [{ value: first, label: "", merge: null }];
  }

  get value(): T {
    return this.steps[this.at]!.value;
  }

  get canUndo(): boolean {
    return this.at > 0;
  }

  get canRedo(): boolean {
    return this.at < this.steps.length - 1;
  }

  /** Takes a new value; what was undone before is forgotten. */
  record(value: T, label: string, merge: string | null = null): void {
    const joins = merge !== null && this.at > 0 && this.steps[this.at]!.merge === merge;
    this.steps.length = joins ? this.at : this.at + 1;
    this.steps.push({ value, label, merge });
    if (this.steps.length > LIMIT) this.steps.shift();
    this.at = this.steps.length - 1;
  }

  /** Ends a row of merged steps: the next one stands alone. */
  seal(): void {
    const last = this.steps[this.at]!;
    this.steps[this.at] = { ...last, merge: null };
  }

  /** Goes one step back and says what was taken back; null where there is none. */
  undo(): string | null {
    if (!this.canUndo) return null;
    const { label } = this.steps[this.at]!;
    this.at -= 1;
    this.seal();
    return label;
  }

  /** Takes the last step back as if it had never been. */
  revert(): void {
    if (!this.canUndo) return;
    this.at -= 1;
    this.steps.length = this.at + 1;
    this.seal();
  }

  /** Goes one step forward again and says what was done; null where there is none. */
  redo(): string | null {
    if (!this.canRedo) return null;
    this.at += 1;
    this.seal();
    return this.steps[this.at]!.label;
  }
}
