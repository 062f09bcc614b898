/** What each kind of task is called on the pages, and where its pages are. */

export interface TaskPages {
  /** Where somebody starts who comes from the first page. */
  readonly start: string;
  /** Where the work is done. */
  readonly work: string;
  /** Where a finished batch's forms and codes are; the batch follows. */
  readonly finished: string;
  /** What the page is called where somebody starts, if it is another than that of the work. */
  readonly about: string;
  /** What one answer is about. */
  readonly noun: string;
  /** What somebody has done with it. */
  readonly did: string;
  /** What the work is, for somebody who has not begun. */
  readonly invitation: string;
  readonly verbs: { readonly start: string; readonly goOn: string; readonly again: string };
  /** The work, as pages beside it call it that lead there. */
  readonly back: string;
}

const ANNOTATE: TaskPages = {
  start: "/annotate",
  work: "/annotate",
  finished: "/annotate/finished",
  about: "To the images",
  noun: "image",
  did: "answered",
  invitation: "A few images at a time; stop whenever you like.",
  verbs: { start: "Start", goOn: "Go on", again: "Another batch" },
  back: "the images",
};

const PLAY: TaskPages = {
  start: "/play",
  work: "/play/game",
  finished: "/play/finished",
  about: "Your games",
  noun: "game",
  did: "played",
  invitation: "Guess a picture from the parts that the network saw; a game takes a minute.",
  verbs: { start: "Play", goOn: "Play on", again: "Another game" },
  back: "the game",
};

const TASKS: Readonly<Record<string, TaskPages>> = { annotate: ANNOTATE, play: PLAY };

/** The pages of a task by its name. */
export const pagesOf = (task: string): TaskPages => TASKS[task] ?? ANNOTATE;
