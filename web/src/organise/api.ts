/** The server's functions for the organiser, typed. */

import { client } from "../lib/api";

const part = encodeURIComponent;

export interface Settings {
  name: string;
  title: string;
  method: string;
  paused: boolean;
  quota: number;
  batch_size: number;
  max_batches: number;
  controls: number;
  min_seconds: number;
  lease_minutes: number;
  suggestions: boolean;
  consent: string;
  instructions: string;
  feedback: boolean;
  forms: string[];
  /** Of this kind of task alone. */
  options: TaskOptions;
}

/** What only the game has; empty for other tasks. */
export interface TaskOptions {
  /** Whether players choose how difficult a game is. */
  levels?: boolean;
  /** Which game of a player is the control. */
  control?: "third" | "random";
  streak_step?: number;
  streak_most?: number;
}

export interface Summary {
  n: number;
  mean: number | null;
  sd: number | null;
  low: number | null;
  high: number | null;
  cronbach_alpha: number | null;
  items: { key: string; text: string; n: number; mean: number | null }[];
  remarks: string[];
}

export interface Agreement {
  alpha: number;
  low: number | null;
  high: number | null;
  units: number;
  share: number;
}

export interface Hour {
  hour: string;
  answers: number;
}

export interface Overview {
  task: Settings;
  /** Of the heat maps that the study has. */
  methods: string[];
  items: { total: number; retired: number; controls: number; by_answers: number[] };
  answers: number;
  persons: number;
  batches_finished: number;
  by_hour: Hour[];
  seconds: { p10: number | null; median: number | null; p90: number | null };
  controls: { passed: number; failed: number };
  agreement: Agreement | null;
  difficulty: Summary | null;
  sus: Summary | null;
  tlx: Summary | null;
  figures_at: string | null;
  shown_since: string | null;
}

export interface PersonRow {
  id: string;
  pseudonym: string;
  kind: "account" | "guest" | "panel";
  name: string;
  panel: string;
  joined_at: string;
  answers: number;
  nothing: number;
  controls_passed: number;
  controls_failed: number;
  seconds_median: number | null;
  agreement: number | null;
  sensitivity: number | null;
  specificity: number | null;
  excluded: boolean;
  why: string;
  flags: string[];
  /** Of a player; null in other tasks. */
  game: Standing | null;
}

/** How a player stands, control games among the games. */
export interface Standing {
  nickname: string;
  score: number;
  games: number;
  won: number;
  lost: number;
  resigned: number;
  hints_mean: number | null;
}

export interface ItemRow {
  id: number;
  image: string;
  picture: string;
  answers: number;
  taken: number;
  quota: number;
  control: Expected | null;
  retired: boolean;
  /** Of a cluster map; empty for other heat maps. */
  layer: string;
  weight: number;
  outcomes: { won: number; lost: number; resigned: number } | null;
}

/** What is expected of a control: one of these nouns, or a game that is won. */
export type Expected = { types: string[] } | { right: true };

/** A page of a long list; `next` asks for the one after it. */
export interface Rows<Row, Cursor> {
  rows: Row[];
  next: Cursor | null;
}

export interface InvitationRow {
  token: string;
  link: string;
  role: "participant" | "organiser";
  note: string;
  uses_left: number;
  expires_at: string;
}

export interface PanelSettings {
  person_parameter: string;
  study_parameter: string;
  session_parameter: string;
  completion_url: string;
  completed_code: string;
  screened_out_code: string;
  failed_code: string;
}

export interface PanelRow extends PanelSettings {
  name: string;
  link: string;
}

export interface Handover {
  new: number;
  changed: number;
  unchanged: number;
  [other: string]: number;
}

/** A row of the ranked concepts, or the answer to a question about them. */
export interface Finding {
  rank: number;
  concept: string;
  kind: string;
  /** The class it goes with most; null where it goes with none. */
  label: string | null;
  cramers_v: number | null;
  p_value: number | null;
  q_value: number | null;
  count: number;
  frequency: Record<string, number | null> | null;
  aliases: string[] | null;
  status: "significant" | "not significant" | "constant";
}

export interface Analysis {
  state: "never" | "running" | "done" | "failed";
  message: string;
  at: string | null;
  concepts: Finding[];
  total: number;
}

export interface Answered extends Finding {
  expression: string;
  counts: { label: string; images: number; holds: number; share: number | null }[];
  matching: string[];
  contradicting: string[];
  /** The address of each of these images with its heat map, as far as there is one. */
  pictures: Record<string, string>;
}

const ROOT = "/organise";

export const overview = (task: string, signal?: AbortSignal): Promise<Overview> =>
  client.ask("GET", `${ROOT}/overview?task=${part(task)}`, { signal, repeatable: false });

export const people = (task: string, after = ""): Promise<Rows<PersonRow, string>> =>
  client.ask("GET", `${ROOT}/people?task=${part(task)}&limit=50&after=${part(after)}`);

export const exclude = (
  task: string,
  id: string,
  excluded: boolean,
  why = "",
): Promise<PersonRow> =>
  client.ask("POST", `${ROOT}/people/${part(id)}/exclusion?task=${part(task)}`, {
    body: { excluded, why },
  });

export const items = (task: string, after = 0, controls = false): Promise<Rows<ItemRow, number>> =>
  client.ask(
    "GET",
    `${ROOT}/items?task=${part(task)}&limit=60&after=${after}&controls=${controls}`,
  );

export const setControl = (id: number, expected: Expected | null): Promise<ItemRow> =>
  client.ask("PUT", `${ROOT}/items/${id}/control`, { body: { expected } });

/** Games counted: how they ended, and hints a game. */
export interface Tally {
  games: number;
  won: number;
  lost: number;
  resigned: number;
  hints_mean: number | null;
}

export interface LayerRow extends Tally {
  layer: string;
  maps: number;
  weight_mean: number;
}

/** Maps of neighbouring weights, with the quartiles of the hints of their games. */
export interface WeightBin extends Tally {
  low: number;
  high: number;
  maps: number;
  hints_quartiles: [number, number, number];
}

export interface MapRow extends Tally {
  id: number;
  image: string;
  picture: string;
  layer: string;
  weight: number;
  control: boolean;
  retired: boolean;
}

export interface PlayerRow extends Tally {
  id: string;
  pseudonym: string;
  nickname: string;
  score: number;
  /** Whether all control games were won; null where there was none. */
  control: boolean | null;
  excluded: boolean;
}

export interface PlayFigures extends Tally {
  left_out: { players: number; games: number };
  layers: LayerRow[];
  weights: { spearman: number | null; bins: WeightBin[] };
  maps: Rows<MapRow, number>;
  players: PlayerRow[];
}

export const playFigures = (after = 0): Promise<PlayFigures> =>
  client.ask("GET", `${ROOT}/play?limit=60&after=${after}`);

/** A page and a picture of what each layer saw, of one image or of a class. */
export interface Explained {
  /** Addresses. */
  page: string;
  picture: string;
  /** The class explained. */
  target: string;
  labels: string[];
  games: number;
  /** Why there can be no words; explanations of before may not say. */
  remark?: string | null;
}

export interface ExplainedImage extends Explained {
  image: string;
  truth: string | null;
  prediction: string | null;
}

export interface ExplainedClass extends Explained {
  images: number;
}

export interface Explanations {
  state: "never" | "running" | "done" | "failed";
  message: string;
  at: string | null;
  /** When what is there was made; null where there is nothing. */
  made: string | null;
  games: number;
  people: number;
  /** People whose games are left out, since they failed a control. */
  left_out: number;
  classes: ExplainedClass[];
  images: Rows<ExplainedImage, number>;
  total: number;
}

export const explanations = (after = 0, target = ""): Promise<Explanations> =>
  client.ask("GET", `${ROOT}/explanations?limit=24&after=${after}&target=${part(target)}`);

export const startExplanations = (): Promise<Explanations> =>
  client.ask("POST", `${ROOT}/explanations`, { body: {}, repeatable: true });

export const change = (task: string, changes: Partial<Settings>): Promise<Settings> =>
  client.ask("PATCH", `${ROOT}/tasks/${part(task)}`, { body: changes });

export const preview = (markdown: string): Promise<{ html: string }> =>
  client.ask("POST", `${ROOT}/preview`, { body: { markdown } });

export const invitations = (): Promise<InvitationRow[]> => client.ask("GET", `${ROOT}/invitations`);

export const invite = (
  role: string,
  note: string,
  uses: number,
  days: number,
): Promise<InvitationRow> =>
  client.ask("POST", `${ROOT}/invitations`, { body: { role, note, uses, days } });

export const revoke = (token: string): Promise<void> =>
  client.ask("DELETE", `${ROOT}/invitations/${part(token)}`);

export const panels = (): Promise<PanelRow[]> => client.ask("GET", `${ROOT}/panels`);

export const setPanel = (name: string, given: PanelSettings): Promise<PanelRow> =>
  client.ask("PUT", `${ROOT}/panels/${part(name)}`, { body: given });

export const handOver = (): Promise<Handover> =>
  client.ask("POST", `${ROOT}/handover`, { body: {}, repeatable: true });

export const startAnalysis = (): Promise<Analysis> =>
  client.ask("POST", `${ROOT}/analysis`, { body: {}, repeatable: true });

export const analysis = (limit = 100): Promise<Analysis> =>
  client.ask("GET", `${ROOT}/analysis?limit=${limit}`);

export const query = (expression: string): Promise<Answered> =>
  client.ask("POST", `${ROOT}/query`, { body: { expression }, repeatable: true });

/** The address of a file of the answers. */
export const exportAddress = (
  task: string,
  format: string,
  excluded: boolean,
  controls: boolean,
): string =>
  `/api${ROOT}/export?task=${part(task)}&format=${format}&excluded=${excluded}&controls=${controls}`;

/** Where the filled-in forms are, a row a question; those of excluded people are left out. */
export const formsAddress = (task: string, format: string): string =>
  `/api${ROOT}/export?task=${part(task)}&what=forms&format=${format}`;
