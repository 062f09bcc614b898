/** The server's functions for people who take part, typed. The organiser's stand in organise/api.ts. */

import { Client } from "./requests";
import type { Batch, Finish, FormInfo, Invitation, Me, Receipt, TaskInfo, Words } from "./types";

export { ApiError, sentence } from "./requests";
export type { Connection } from "./requests";
export type * from "./types";

/** The one connection of the page. */
export const client = new Client();

const part = encodeURIComponent;

export interface NewAccount {
  name: string;
  password: string;
  email?: string;
  invitation?: string;
}

/** Who is asking, and which tasks there are. */
export const me = (): Promise<Me> => client.ask("GET", "/me");

export interface PanelPerson {
  panel: string;
  person: string;
  study: string;
  session: string;
  /** The site that wants to hear of the end. */
  submit_to: string;
}

export interface Entered extends Me {
  token: string;
  /** Where the end is told; empty where the server does not know that site. */
  hand_in: string;
  /** The batch that was finished on this visit before. */
  finished: string | null;
}

/** Signs in somebody in a panel's frame, which has no cookies: from here on a token stands for them. */
export async function enterFrame(person: PanelPerson): Promise<Entered> {
  const entered = await client.ask<Entered>("POST", "/panel-tokens", {
    body: person,
    repeatable: true,
  });
  client.useToken(entered.token);
  return entered;
}

/** Goes on as a guest; whoever is signed in already stays who they are. */
export const goOnAsGuest = (): Promise<Me> => client.ask("POST", "/guests", { body: {} });

export const signUp = (account: NewAccount): Promise<Me> =>
  client.ask("POST", "/accounts", { body: account });

export const signIn = (login: string, password: string): Promise<Me> =>
  client.ask("POST", "/session", { body: { login, password } });

export const signOut = (): Promise<void> => client.ask("DELETE", "/session");

export const askForReset = (email: string): Promise<void> =>
  client.ask("POST", "/password-resets", { body: { email } });

export const confirmReset = (person: string, token: string, password: string): Promise<void> =>
  client.ask("POST", "/password-resets/confirm", { body: { person, token, password } });

export const invitation = (token: string): Promise<Invitation> =>
  client.ask("GET", `/invitations/${part(token)}`);

/** Takes the role of an invitation with the account that is signed in. */
export const acceptInvitation = (token: string): Promise<Me> =>
  client.ask("POST", `/invitations/${part(token)}`, { body: {} });

export const deleteMe = (): Promise<void> => client.ask("DELETE", "/me");

export const task = (name: string): Promise<TaskInfo> => client.ask("GET", `/tasks/${part(name)}`);

export const consent = (name: string, version: string): Promise<void> =>
  client.ask("POST", `/tasks/${part(name)}/consent`, { body: { version }, repeatable: true });

/**
 * The open batch, or a new one.
 *
 * @param wish - What a new one should be like, where the kind of task leaves a choice.
 * @param after - The batch that comes to its end with this; all of it is answered.
 */
export const openBatch = <Found = Batch>(
  name: string,
  wish: Readonly<Record<string, unknown>> = {},
  after = "",
): Promise<Found> =>
  client.ask("POST", `/tasks/${part(name)}/batch${after && `?after=${part(after)}`}`, {
    body: wish,
    repeatable: true,
  });

export const batch = (id: string): Promise<Batch> => client.ask("GET", `/batches/${part(id)}`);

/** Says that the image is on the screen, so that the server's clock starts. */
export const opened = (assignment: string): Promise<{ seconds_to_wait: number }> =>
  client.ask("POST", `/assignments/${part(assignment)}/opened`, { body: {}, repeatable: true });

/**
 * Keeps unfinished work; a draft with a higher number replaces one with a lower.
 *
 * @param closing - Whether the page is closing; the request then outlives it.
 */
export const saveDraft = (
  assignment: string,
  number: number,
  body: unknown,
  closing = false,
): Promise<{ number: number }> =>
  client.ask("PUT", `/assignments/${part(assignment)}/draft`, {
    body: { number, body },
    keepalive: closing,
  });

/**
 * Gives the answer; it counts once however often it is sent.
 *
 * @param key - Of this submit. Leave it out: one is made, and kept while the request is tried again.
 */
export const answer = <Told = Receipt>(
  assignment: string,
  body: unknown,
  key: string = newKey(),
): Promise<Told> =>
  client.ask("POST", `/assignments/${part(assignment)}/answer`, {
    body: { key, body },
    repeatable: true,
  });

export const finish = (id: string): Promise<Finish> =>
  client.ask("POST", `/batches/${part(id)}/finish`, { body: {}, repeatable: true });

export const form = (name: string): Promise<FormInfo> => client.ask("GET", `/forms/${part(name)}`);

export const fillForm = (
  batchId: string,
  name: string,
  answers: Record<string, number>,
  remark = "",
): Promise<void> =>
  client.ask("POST", `/batches/${part(batchId)}/forms/${part(name)}`, {
    body: { answers, remark },
    repeatable: true,
  });

export const words = (name: string): Promise<Words> =>
  client.ask("GET", `/tasks/${part(name)}/words`);

/** A new idempotency key; also where the page came over plain HTTP, where randomUUID is missing. */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
}
