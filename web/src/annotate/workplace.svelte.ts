/** The batch: which image is shown, which words were used, and when everything is on the server. */

import { type ApiError, batch as reload, client, words } from "../lib/api";
import type { AnnotateBody, Batch, TaskInfo } from "../lib/types";
import { Backups } from "../lib/backup";
import { preload } from "../lib/preload";
import { type Around, Sheet } from "./sheet.svelte";
import { NO_WORDS, remembering } from "./words";

export class Workplace {
  sheets: Sheet[] = $state.raw([]);
  at = $state(0);
  lists = $state.raw(NO_WORDS);
  online = $state(true);
  finishing = $state(false);
  /** Said to everybody: shown beside the picture and read out. */
  notice = $state("");

  private readonly backups = new Backups<AnnotateBody>("netgloss-draft-", ({ boxes }) =>
    Array.isArray(boxes),
  );
  private readonly around: Around = {
    gone: (sheet) => this.replace(sheet),
    over: () => this.onfinished(),
    ended: (fault) => this.onended(fault),
    notice: (sheet, message) => this.turnTo(sheet, message),
    answered: (body) => this.remember(body),
  };

  constructor(
    private readonly task: TaskInfo,
    private readonly batch: Batch,
    private readonly onfinished: () => void,
    private readonly onended: (fault: ApiError) => void,
  ) {
    this.take(batch);
    this.at = Math.max(0, this.firstOpen());
  }

  get sheet(): Sheet {
    return this.sheets[this.at]!;
  }

  /** Answers that the server has. */
  get answered(): number {
    return this.sheets.filter((sheet) => sheet.given !== null).length;
  }

  /** Whether every other image has its answer, or has it under way. */
  get last(): boolean {
    return this.sheets.every((sheet) => sheet === this.sheet || sheet.done || sheet.sending);
  }

  get unsaved(): boolean {
    return this.sheets.some((sheet) => sheet.unsaved);
  }

  /** Whether anything was done or sent since the page was opened. */
  get touched(): boolean {
    return this.sheets.some((sheet) => sheet.touched);
  }

  /** Begins: listens to the network, asks for words. Returns what ends it. */
  start(): () => void {
    const quiet = client.onConnection(({ online }) => {
      this.online = online;
    });
    const back = (): void => this.sheets.forEach((sheet) => sheet.retry());
    addEventListener("online", back);
    void this.loadWords();
    return () => {
      quiet();
      removeEventListener("online", back);
      this.close();
    };
  }

  /** The page is hidden or left. */
  close(): void {
    for (const sheet of this.sheets) sheet.close();
  }

  go(to: number): void {
    if (to < 0 || to >= this.sheets.length || to === this.at) return;
    const left = this.sheet;
    left.editor.commit();
    // Whoever corrects an answer and walks on means the correction.
    if (left.given !== null && !left.done && left.check()) void left.submit();
    this.notice = "";
    this.at = to;
  }

  /** The image is on the screen; the following one is fetched meanwhile. */
  shown(): void {
    this.sheet.open();
    const next = this.sheets[this.following()];
    if (next) preload([next.assignment.shown.image, next.assignment.shown.heat]);
  }

  /** Sends this image's answer and shows the next open one; after the last one, ends the batch. */
  async next(): Promise<void> {
    this.notice = "";
    const sent = this.sheet.submit();
    const open = this.following();
    if (open >= 0) {
      this.at = open;
      return;
    }
    this.finishing = true;
    await sent;
    while (this.sheets.some((sheet) => sheet.sending))
      await Promise.all(
        this.sheets.filter((sheet) => sheet.sending).map((sheet) => sheet.settled()),
      );
    this.finishing = false;
    this.finishOrGoOn();
  }

  private finishOrGoOn(): void {
    const open = this.firstOpen();
    if (open < 0) this.onfinished();
    else this.at = open;
  }

  /** The next image without an answer, after this one and then from the start; -1 if none. */
  private following(): number {
    const order = this.sheets.map((_, step) => (this.at + 1 + step) % this.sheets.length);
    const open = (index: number): boolean => {
      const sheet = this.sheets[index]!;
      return index !== this.at && !sheet.done && !sheet.sending;
    };
    return order.find(open) ?? -1;
  }

  private firstOpen(): number {
    return this.sheets.findIndex((sheet) => !sheet.done);
  }

  private take(batch: Batch): void {
    const assignments = [...batch.assignments].sort((a, b) => a.position - b.position);
    const known = new Map(this.sheets.map((sheet) => [sheet.id, sheet]));
    this.backups.sweep(assignments.map((assignment) => assignment.id));
    this.sheets = assignments.map(
      (assignment) => known.get(assignment.id) ?? new Sheet(assignment, this.backups, this.around),
    );
  }

  private async replace(sheet: Sheet): Promise<void> {
    const { position } = sheet.assignment;
    this.take(await reload(this.batch.id));
    if (this.sheets.length === 0) return this.onfinished();
    const other = this.sheets.find((one) => one.assignment.position === position);
    this.at = Math.min(this.at, this.sheets.length - 1);
    const news = "Others have answered that picture in the meantime";
    this.turnTo(other ?? this.sheet, other ? `${news}; here is another one.` : `${news}.`);
  }

  private turnTo(sheet: Sheet, message: string): void {
    const place = this.sheets.indexOf(sheet);
    if (place >= 0) this.at = place;
    this.notice = message;
  }

  private remember(body: AnnotateBody): void {
    const types = body.boxes.map((box) => box.type);
    const attributes = body.boxes.flatMap((box) => box.attributes);
    this.lists = remembering(remembering(this.lists, "types", types), "attributes", attributes);
  }

  private async loadWords(): Promise<void> {
    try {
      this.lists = await words(this.task.name);
    } catch {
      // Without suggestions one types; the words themselves are kept all the same.
    }
  }
}
