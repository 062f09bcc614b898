/** One game: what is shown, what is under way, and the words on their way to the server. */

import { newKey, sentence, type After } from "../lib/api";
import { Autosave, type Saving } from "../lib/autosave";
import type { Backups } from "../lib/backup";
import { endsAll, untilHeard } from "../lib/hearing";
import { ApiError } from "../lib/requests";
import { splitWords, withWords } from "../lib/words";
import type { Acted, Action, GameAssignment, GameBatch, GameBody, GameReceipt, Shown } from "./api";

/** The server's own limit, told to a player before the server has to. */
export const MOST_TAGS = 20;

export interface Tags {
  tags: string[];
}

/** What a game asks of the server. */
export interface GameServer {
  act(assignment: string, action: Action, key: string): Promise<Acted>;
  answer(assignment: string, body: GameBody, key: string): Promise<GameReceipt>;
  /** The game as it stands; asked for only where another window went on with it. */
  look(batch: string): Promise<GameBatch>;
  saveDraft(assignment: string, number: number, body: Tags, closing: boolean): Promise<unknown>;
}

/** What a game tells the page around it. */
export interface Around {
  /** The picture is no longer this player's, or the game was ended in another window. */
  gone(): void;
  /** The server takes nothing more of this game from whoever is asking. */
  ended(fault: ApiError): void;
}

export type Doing = "hint" | "guess" | "resign" | "answer";

export class Game {
  readonly id: string;
  shown: Shown = $state.raw(null!);
  /** What comes after the game; null before its end, and where that was told to another page. */
  after: After | null = null;
  /** What is on its way, and for a guess which option. */
  doing: Doing | null = $state(null);
  chosen: number | null = $state(null);
  /** The server's sentence where it turned something down. */
  refusal = $state("");
  tags: readonly string[] = $state.raw([]);
  /** The word that is being typed. */
  typing = $state("");
  saving: Saving = $state("saved");

  private readonly autosave: Autosave<Tags>;

  constructor(
    readonly batch: GameBatch,
    private readonly server: GameServer,
    private readonly backups: Backups<Tags>,
    private readonly around: Around,
  ) {
    const assignment = first(batch);
    this.id = assignment.id;
    this.shown = assignment.shown;
    const draft = backups.newerThan(this.id, assignment.draft_number);
    this.tags = (draft ?? tagsOf(assignment.draft)).tags;
    this.autosave = new Autosave(this.carrier(), assignment.draft_number);
    if (draft && this.shown.phase === "tag") this.autosave.change(draft);
  }

  get over(): boolean {
    return this.shown.phase === "over";
  }

  get hintsLeft(): number {
    return this.shown.most_hints - this.shown.hints;
  }

  /** Giving up is offered only once nothing more can be shown. */
  get mayResign(): boolean {
    return this.shown.phase === "guess" && this.hintsLeft === 0;
  }

  /** The words that would be sent now; one that is still being typed counts as said. */
  get words(): readonly string[] {
    return withWords(this.tags, this.typing, MOST_TAGS);
  }

  /** Shows more; resolves to whether more is shown. */
  hint(): Promise<boolean> {
    if (this.shown.phase !== "guess" || this.hintsLeft === 0) return Promise.resolve(false);
    return this.run("hint", () => this.act({ action: "hint" }));
  }

  /** Names a class by its place among the options. */
  guess(option: number): Promise<boolean> {
    if (this.shown.phase !== "guess" || !(option in this.shown.options))
      return Promise.resolve(false);
    if (!this.doing) this.chosen = option;
    return this.run("guess", () => this.act({ action: "guess", body: { option } }));
  }

  /** Ends the game without a guess. */
  resign(): Promise<boolean> {
    if (!this.mayResign) return Promise.resolve(false);
    return this.run("resign", () => this.answer({ resign: true }));
  }

  /** Says what gave it away, or nothing, and ends the game. */
  finish(): Promise<boolean> {
    if (this.shown.phase !== "tag") return Promise.resolve(false);
    return this.run("answer", async () => {
      this.add(this.typing);
      await this.autosave.settle();
      await this.answer({ tags: [...this.tags] });
    });
  }

  /** Adds what was typed; returns the words that are new. */
  add(text: string): readonly string[] {
    const before = this.tags.length;
    this.typing = "";
    this.keep(withWords(this.tags, text, MOST_TAGS));
    return this.tags.slice(before);
  }

  remove(place: number): void {
    this.keep(this.tags.filter((_, at) => at !== place));
  }

  /** Text in the field; what a comma ends is a word. */
  type(text: string): readonly string[] {
    if (/[,;\n]/u.test(text) && splitWords(text).length > 0) return this.add(text);
    this.typing = text.replace(/^[,;\s]+/u, "");
    return [];
  }

  /** The network is back. */
  retry(): void {
    this.autosave.retry();
  }

  /** The page goes away. */
  close(): void {
    this.autosave.close();
  }

  private keep(tags: readonly string[]): void {
    this.refusal = "";
    if (tags.length === this.tags.length && tags.every((tag, at) => tag === this.tags[at])) return;
    this.tags = tags;
    this.autosave.change({ tags: [...tags] });
  }

  /** One thing at a time; resolves to whether it was done. */
  private async run(doing: Doing, work: () => Promise<void>): Promise<boolean> {
    if (this.doing) return false;
    this.doing = doing;
    this.refusal = "";
    try {
      await work();
      return true;
    } catch (fault) {
      await this.turnedDown(fault);
      return false;
    } finally {
      this.doing = null;
      this.chosen = null;
    }
  }

  private async act(action: Action): Promise<void> {
    const key = newKey();
    this.shown = (await untilHeard(() => this.server.act(this.id, action, key))).shown;
  }

  private async answer(body: GameBody): Promise<void> {
    const key = newKey();
    const { shown, after } = await untilHeard(() => this.server.answer(this.id, body, key));
    this.backups.forget(this.id);
    this.after = after;
    this.shown = shown;
  }

  /** Takes over how the game stands on the server. */
  private async look(): Promise<void> {
    const { assignments } = await untilHeard(() => this.server.look(this.batch.id));
    const mine = assignments.find((one) => one.id === this.id);
    if (mine) this.shown = mine.shown;
    else this.around.gone();
  }

  private async turnedDown(fault: unknown): Promise<void> {
    if (endsAll(fault)) return this.around.ended(fault);
    const conflict = fault instanceof ApiError && fault.status === 409;
    if (conflict && ["gone", "finished"].includes(fault.code)) return this.around.gone();
    this.refusal = sentence(fault);
    // Done in another window: the game goes on from how it stands by now.
    if (conflict) await this.look().catch(() => undefined);
  }

  private carrier(): ConstructorParameters<typeof Autosave<Tags>>[0] {
    return {
      send: (number, body, closing) => this.server.saveDraft(this.id, number, body, closing),
      same: (a, b) => JSON.stringify(a.tags) === JSON.stringify(b.tags),
      changed: (state) => {
        this.saving = state;
      },
      refused: (fault) => void this.turnedDown(fault),
      overtaken: (body) => {
        this.tags = tagsOf(body).tags;
      },
      keep: (body, number) => this.backups.keep(this.id, { body, number }),
      forget: () => this.backups.forget(this.id),
    };
  }
}

/** A batch is one game. */
function first(batch: GameBatch): GameAssignment {
  const [assignment] = batch.assignments;
  if (!assignment) throw new ApiError(409, "gone", "This game is no longer there.");
  return assignment;
}

const tagsOf = (body: GameBody | null): Tags =>
  body && "tags" in body && Array.isArray(body.tags) ? { tags: body.tags } : { tags: [] };
