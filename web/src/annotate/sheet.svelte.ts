/** One image of the batch: its editor, its drafts, its clock and its answer. */

import { answer, ApiError, newKey, opened, saveDraft, sentence } from "../lib/api";
import type { AnnotateBody, Assignment } from "../lib/types";
import { Autosave, type Saving } from "../lib/autosave";
import type { Backups } from "../lib/backup";
import { endsAll, untilHeard } from "../lib/hearing";
import { fromBody, type Problem, problems, sameBody } from "./content";
import { Editor } from "./editor.svelte";
import type { Rect, Size } from "./geometry";

/** What a sheet tells the page around it. */
export interface Around {
  /** The image is no longer this person's; the batch carries another, if there is one. */
  gone(sheet: Sheet): Promise<void>;
  /** The batch was finished in another window. */
  over(): void;
  /** The server takes nothing more of this batch from whoever is asking. */
  ended(fault: ApiError): void;
  /** Something to read out and to show beside the picture. */
  notice(sheet: Sheet, message: string): void;
  /** An answer is on the server. */
  answered(body: AnnotateBody): void;
}

export class Sheet {
  readonly id: string;
  readonly image: Size;
  readonly salient: readonly Rect[];
  readonly editor: Editor;
  /** The answer that the server has, or null. */
  given: AnnotateBody | null = $state.raw(null);
  sending = $state(false);
  /** Whether something was done here since the page was opened. */
  touched = $state(false);
  saving: Saving = $state("saved");
  /** The server's sentence where it turned something down. */
  refusal = $state("");
  problems: Problem[] = $state.raw([]);
  /** When the server takes an answer, by performance.now(); 0: it does already. */
  ready = $state(0);

  private readonly autosave: Autosave<AnnotateBody>;
  private seen = false;
  private clock: Promise<void> = Promise.resolve();
  private underway: Promise<void> | null = null;
  private again = false;
  private key: { readonly of: AnnotateBody; readonly is: string } | null = null;

  constructor(
    readonly assignment: Assignment,
    private readonly backups: Backups<AnnotateBody>,
    private readonly around: Around,
  ) {
    const { id, shown, draft, draft_number: number } = assignment;
    this.id = id;
    this.image = { width: shown.width, height: shown.height };
    this.salient = shown.salient.map(([x0, y0, x1, y1]) => ({ x0, y0, x1, y1 }));
    this.given = assignment.state === "answered" ? assignment.answer : null;
    const unsaved = backups.newerThan(id, number);
    const start = fromBody(unsaved ?? draft ?? assignment.answer, this.image);
    this.editor = new Editor(start, () => this.changed());
    this.autosave = new Autosave(this.carrier(), number);
    if (unsaved) this.changed();
  }

  /** Whether the server has what is on the screen as an answer. */
  get done(): boolean {
    return this.given !== null && sameBody(this.given, this.editor.body);
  }

  /** Whether the server had anything of this image when the page was opened, or has its answer. */
  get kept(): boolean {
    return this.assignment.draft !== null || this.given !== null;
  }

  /** Whether anything here is not yet on the server. */
  get unsaved(): boolean {
    return this.sending || this.saving === "saving" || this.saving === "retrying";
  }

  /** The image is on the screen: the server's clock starts, or goes on. */
  open(): void {
    if (!this.seen) this.wait(this.assignment.seconds_to_wait);
    this.seen = true;
    this.clock = this.startClock();
  }

  /** Shows what is missing, and returns whether nothing is. */
  check(): boolean {
    this.editor.commit();
    this.problems = problems(this.editor.content);
    return this.problems.length === 0;
  }

  /** Gives the answer; resolves to whether the server has it. It is tried until the server speaks. */
  async submit(): Promise<boolean> {
    this.again = this.sending;
    this.underway ??= this.deliver();
    await this.underway;
    return this.done;
  }

  /** Resolves once no answer of this image is on its way. */
  async settled(): Promise<void> {
    await this.underway;
  }

  /** The page goes away. */
  close(): void {
    this.autosave.close();
  }

  retry(): void {
    this.autosave.retry();
  }

  private async startClock(): Promise<void> {
    try {
      this.wait((await opened(this.id)).seconds_to_wait);
    } catch (fault) {
      await this.lost(fault);
    }
  }

  private wait(seconds: number): void {
    this.ready = seconds > 0 ? performance.now() + seconds * 1000 : 0;
  }

  private async deliver(): Promise<void> {
    this.sending = true;
    this.refusal = "";
    try {
      do {
        this.again = false;
        // In this order no draft is older than the answer: a draft beside one is a correction.
        await this.autosave.settle();
        await this.clock;
        if (!this.done) await this.sendUntilHeard();
      } while (this.again && !this.refusal);
    } finally {
      this.sending = false;
      this.underway = null;
    }
  }

  private async sendUntilHeard(): Promise<void> {
    const body = this.editor.body;
    const send = (): Promise<unknown> => answer(this.id, body, this.keyFor(body));
    try {
      await untilHeard(send, (seconds) => this.wait(seconds));
    } catch (fault) {
      return this.turnedDown(fault);
    }
    this.given = body;
    this.around.answered(body);
  }

  /** One key an answer: the same one however often it is sent, another one for a correction. */
  private keyFor(body: AnnotateBody): string {
    if (!this.key || !sameBody(this.key.of, body)) this.key = { of: body, is: newKey() };
    return this.key.is;
  }

  private async turnedDown(fault: unknown): Promise<void> {
    if (await this.lost(fault)) return;
    this.refusal = sentence(fault);
    this.around.notice(this, this.refusal);
  }

  /** Whether the image or the batch is no longer this person's; the page then goes on from there. */
  private async lost(fault: unknown): Promise<boolean> {
    if (!(fault instanceof ApiError)) return false;
    if (fault.code === "gone") await this.around.gone(this);
    else if (fault.code === "finished") this.around.over();
    else if (endsAll(fault)) this.around.ended(fault);
    else return false;
    return true;
  }

  private changed(): void {
    // A sentence about what is missing goes as soon as it is no longer true, and comes only when asked.
    const left = new Set(problems(this.editor.content).map((one) => `${one.box} ${one.field}`));
    this.problems = this.problems.filter((one) => left.has(`${one.box} ${one.field}`));
    this.refusal = "";
    this.touched = true;
    this.autosave.change(this.editor.body);
  }

  private carrier(): ConstructorParameters<typeof Autosave<AnnotateBody>>[0] {
    return {
      send: (number, body, closing) => saveDraft(this.id, number, body, closing),
      same: sameBody,
      changed: (state) => {
        this.saving = state;
      },
      refused: (fault) => void this.turnedDown(fault),
      overtaken: (body) => {
        this.editor.take(fromBody(body, this.image));
        const message =
          "This picture was changed in another window; undo brings your version back.";
        this.around.notice(this, message);
      },
      keep: (body, number) => this.backups.keep(this.id, { body, number }),
      forget: () => this.backups.forget(this.id),
    };
  }
}
