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
}

export interface ItemRow {
  id: number;
  image: string;
  picture: string;
  answers: number;
  taken: number;
  quota: number;
  control: { types: string[] } | null;
  retired: boolean;
}

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

export const overview = (signal?: AbortSignal): Promise<Overview> =>
  client.ask("GET", `${ROOT}/overview`, { signal, repeatable: false });

export const people = (after = ""): Promise<Rows<PersonRow, string>> =>
  client.ask("GET", `${ROOT}/people?limit=50&after=${part(after)}`);

export const exclude = (id: string, excluded: boolean, why = ""): Promise<PersonRow> =>
  client.ask("POST", `${ROOT}/people/${part(id)}/exclusion`, { body: { excluded, why } });

export const items = (after = 0, controls = false): Promise<Rows<ItemRow, number>> =>
  client.ask("GET", `${ROOT}/items?limit=60&after=${after}&controls=${controls}`);

export const setControl = (id: number, types: string[] | null): Promise<ItemRow> =>
  client.ask("PUT", `${ROOT}/items/${id}/control`, { body: { expected: types && { types } } });

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
export const exportAddress = (format: string, excluded: boolean, controls: boolean): string =>
  `/api${ROOT}/export?format=${format}&excluded=${excluded}&controls=${controls}`;

/** Where the filled-in forms are, a row a question; those of excluded people are left out. */
export const formsAddress = (format: string): string =>
  `/api${ROOT}/export?what=forms&format=${format}`;
