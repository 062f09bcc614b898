/** What the server speaks of: the shapes of its answers, by the names it uses. */

export interface Person {
  kind: "account" | "guest" | "panel";
  role: "participant" | "organiser";
  name: string;
  email: string;
  pseudonym: string;
}

export interface TaskBrief {
  name: string;
  title: string;
  paused: boolean;
  consented: boolean;
  answered: number;
  open_batch: string | null;
}

export interface Me {
  person: Person | null;
  study: { title: string };
  tasks: TaskBrief[];
}

export interface TaskInfo {
  name: string;
  title: string;
  paused: boolean;
  /** Sanitised HTML; empty where no consent is asked. */
  consent: string;
  consent_version: string;
  consented: boolean;
  /** Sanitised HTML. */
  instructions: string;
  batch_size: number;
  min_seconds: number;
  suggestions: boolean;
  feedback: boolean;
  forms: string[];
  progress: { answered: number; batches: number };
}

/** A box in pixels of the original image; `x1` and `y1` lie outside it. */
export interface Box {
  type: string;
  attributes: string[];
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface AnnotateBody {
  boxes: Box[];
  nothing: boolean;
}

export interface AnnotateShown {
  image: string;
  heat: string;
  width: number;
  height: number;
  salient: [number, number, number, number][];
}

export interface Assignment<Shown = AnnotateShown, Body = AnnotateBody> {
  id: string;
  position: number;
  state: "open" | "answered";
  shown: Shown;
  draft: Body | null;
  draft_number: number;
  answer: Body | null;
  seconds_to_wait: number;
}

export interface Batch<Shown = AnnotateShown, Body = AnnotateBody> {
  id: string;
  task: string;
  size: number;
  done: number;
  finished: boolean;
  assignments: Assignment<Shown, Body>[];
}

export interface Receipt {
  position: number;
  done: number;
  size: number;
  /** What is shown from now on; null where the answer can still be corrected. */
  shown: unknown;
  /** What comes after the batch, where a batch is one image. */
  after: After | null;
}

export interface Completion {
  code: string;
  url: string;
}

/** What comes after a batch. */
export interface After {
  /** The forms that are due. */
  forms: string[];
  completion: Completion | null;
  /** Whether another batch may be asked for; a visit from a panel has one. */
  more: boolean;
}

export interface Finish extends After {
  finished: true;
}

export interface FormItem {
  key: string;
  text: string;
  low: number;
  high: number;
  step: number;
  low_label: string;
  high_label: string;
}

export interface FormInfo {
  name: string;
  title: string;
  items: FormItem[];
}

export interface Words {
  own: { types: string[]; attributes: string[] };
  shared: { types: string[]; attributes: string[] };
}

export interface Invitation {
  role: "participant" | "organiser";
  note: string;
}
