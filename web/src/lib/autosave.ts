/** Keeps unfinished work on the server: soon after each action, one request at a time, until it is there. */

import { ApiError } from "./requests";

/** `saving` also while the next save waits for a pause in the work. */
export type Saving = "saved" | "saving" | "retrying" | "refused";

/** Milliseconds without a further action before a save. */
export const DEBOUNCE = 400;

/** Milliseconds before a save that did not get through is tried again; the last one repeats. */
const WAITS = [1000, 2000, 4000, 8000, 15000];

/** One's own drafts that are still told from another window's; far more than are ever on their way. */
const REMEMBERED = 20;

export interface Carrier<Body> {
  /** Brings a draft to the server; `closing`: the page is going, the request must outlive it. */
  send(number: number, body: Body, closing: boolean): Promise<unknown>;
  /** The same draft, whatever way it went. */
  same(a: Body, b: Body): boolean;
  /** The state is another one. */
  changed(state: Saving): void;
  /** The server has turned a draft down for good. */
  refused(fault: ApiError): void;
  /** Another window or device has saved a newer draft. */
  overtaken(body: Body): void;
  /** A copy on this device, for work that could not be saved before the browser closed. */
  keep(body: Body, number: number): void;
  forget(): void;
}

export class Autosave<Body> {
  private wanted: Body | null = null;
  private busy = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly sent = new Map<number, Body>();
  private waiting: (() => void)[] = [];

  /** Args: number: of the newest draft that the server is known to have. */
  constructor(
    private readonly carrier: Carrier<Body>,
    private number: number,
  ) {}

  /** Whether the server has everything. */
  get settled(): boolean {
    return this.wanted === null;
  }

  /** Something was done. */
  change(body: Body): void {
    this.wanted = body;
    this.carrier.keep(body, this.number);
    // While the network is away the state says so, whatever is done meanwhile.
    if (this.failures === 0) this.carrier.changed("saving");
    if (!this.busy) this.schedule(DEBOUNCE);
  }

  /** Saves what is left now; resolves once the server has it or has refused it. */
  settle(): Promise<void> {
    if (this.wanted === null) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.waiting.push(resolve));
    if (!this.busy) this.schedule(0);
    return done;
  }

  /** The page is going away, perhaps for good: sends at once, past any request on its way. */
  close(): void {
    if (this.wanted !== null) void this.send(this.wanted, true);
  }

  /** The network is back: does not wait for the next try. */
  retry(): void {
    if (this.wanted !== null && !this.busy) this.schedule(0);
  }

  private schedule(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), milliseconds);
  }

  private async run(): Promise<void> {
    if (this.busy || this.wanted === null) return;
    this.busy = true;
    await this.send(this.wanted, false);
    this.busy = false;
    if (this.wanted === null) return;
    const wait = WAITS[Math.min(this.failures, WAITS.length) - 1] ?? DEBOUNCE;
    this.schedule(this.waiting.length > 0 && this.failures === 0 ? 0 : wait);
  }

  private async send(body: Body, closing: boolean): Promise<void> {
    this.number += 1;
    const number = this.number;
    this.sent.set(number, body);
    this.sent.delete(number - REMEMBERED);
    try {
      await this.carrier.send(number, body, closing);
      this.arrived(body);
    } catch (fault) {
      this.failed(fault, body);
    }
  }

  private arrived(body: Body): void {
    this.failures = 0;
    if (this.wanted === body) this.done("saved");
    else if (this.wanted !== null) this.carrier.changed("saving");
  }

  private failed(fault: unknown, body: Body): void {
    const refusal = fault instanceof ApiError && fault.status > 0 && fault.status < 500;
    if (refusal && fault.code === "stale") return this.stale(fault.details, body);
    if (refusal) {
      this.done("refused");
      return this.carrier.refused(fault);
    }
    this.failures += 1;
    this.carrier.changed("retrying");
  }

  /** The server has a draft of this number or a later one: ours, if an answer got lost, or not. */
  private stale(details: Readonly<Record<string, unknown>>, body: Body): void {
    const newer = details as { number: number; body: Body };
    const ours = this.sent.get(newer.number);
    this.number = Math.max(this.number, newer.number);
    if (ours !== undefined && this.carrier.same(ours, newer.body)) {
      if (this.carrier.same(ours, body)) this.arrived(body);
      return;
    }
    this.done("saved");
    this.carrier.overtaken(newer.body);
  }

  private done(state: "saved" | "refused"): void {
    this.wanted = null;
    this.failures = 0;
    if (state === "saved") this.carrier.forget();
    this.carrier.changed(state);
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
