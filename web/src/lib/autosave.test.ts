import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../lib/requests";
import { Autosave, type Carrier, DEBOUNCE } from "./autosave";

const OFFLINE = new ApiError(0, "offline", "away");

/** A server that can be away, slow or ahead; it keeps drafts by the contract's rule. */
class Server implements Carrier<string> {
  kept: { number: number; body: string };
  states: string[] = [];
  tried: string[] = [];
  others: string[] = [];
  copy: string | null = null;
  trouble: (ApiError | null)[] = [];
  gate: Promise<void> | null = null;
  /** The draft is kept, but the answer gets lost. */
  deaf = false;

  constructor(number = 0, body = "") {
    this.kept = { number, body };
  }

  async send(number: number, body: string, closing: boolean): Promise<void> {
    this.tried.push(`${number} ${body}${closing ? " closing" : ""}`);
    await this.gate;
    const fault = this.trouble.shift();
    if (fault) throw fault;
    if (number <= this.kept.number && body !== this.kept.body)
      throw new ApiError(409, "stale", "newer", { ...this.kept });
    this.kept = { number, body };
    if (this.deaf) throw OFFLINE;
  }

  same(a: string, b: string): boolean {
    return a === b;
  }

  changed(state: string): void {
    if (this.states.at(-1) !== state) this.states.push(state);
  }

  refused(fault: ApiError): void {
    this.states.push(fault.message);
  }

  overtaken(body: string): void {
    this.others.push(body);
  }

  keep(body: string): void {
    this.copy = body;
  }

  forget(): void {
    this.copy = null;
  }
}

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("work", () => {
  it("is saved once, after a pause, with the next number", async () => {
    const server = new Server(5);
    const autosave = new Autosave(server, 5);
    autosave.change("a");
    await pass(DEBOUNCE - 1);
    autosave.change("ab");
    await pass(DEBOUNCE - 1);
    expect(server.tried).toEqual([]);
    await pass(1);
    expect(server.tried).toEqual(["6 ab"]);
    expect(server.states).toEqual(["saving", "saved"]);
    expect(server.copy).toBeNull();
  });

  it("done while a request is on its way follows it, one request at a time", async () => {
    const server = new Server();
    let open = (): void => {};
    server.gate = new Promise((resolve) => (open = resolve));
    const autosave = new Autosave(server, 0);
    autosave.change("a");
    await pass(DEBOUNCE);
    autosave.change("ab");
    await pass(5 * DEBOUNCE);
    expect(server.tried).toEqual(["1 a"]);
    server.gate = null;
    open();
    await pass(DEBOUNCE);
    expect(server.tried).toEqual(["1 a", "2 ab"]);
    expect(server.kept.body).toBe("ab");
    expect(autosave.settled).toBe(true);
  });

  it("is kept on the device and tried again until the network is back", async () => {
    const server = new Server();
    server.trouble = [OFFLINE, OFFLINE, OFFLINE];
    const autosave = new Autosave(server, 0);
    autosave.change("a");
    await pass(DEBOUNCE);
    expect(server.states.at(-1)).toBe("retrying");
    expect(server.copy).toBe("a");
    await pass(60_000);
    expect(server.kept.body).toBe("a");
    expect(server.states).toEqual(["saving", "retrying", "saved"]);
    expect(server.copy).toBeNull();
  });

  it("goes at once when the network is back", async () => {
    const server = new Server();
    server.trouble = Array.from({ length: 4 }, () => OFFLINE);
    const autosave = new Autosave(server, 0);
    autosave.change("a");
    await pass(DEBOUNCE + 1000 + 2000 + 4000);
    expect(server.tried).toHaveLength(4);
    autosave.retry();
    await pass(0);
    expect(server.kept.body).toBe("a");
  });

  it("goes at once when the page closes, also past a request that hangs", async () => {
    const server = new Server();
    const autosave = new Autosave(server, 0);
    autosave.change("a");
    autosave.close();
    expect(server.tried).toEqual(["1 a closing"]);
    await pass(0);
    expect(autosave.settled).toBe(true);
    autosave.close();
    expect(server.tried).toHaveLength(1);
  });

  it("that is to be settled is waited for, be it that the server refuses it", async () => {
    const server = new Server();
    const autosave = new Autosave(server, 0);
    autosave.change("a");
    let settled = false;
    void autosave.settle().then(() => (settled = true));
    await pass(0);
    expect([settled, server.kept.body]).toEqual([true, "a"]);
    server.trouble = [new ApiError(403, "excluded", "You are excluded.")];
    autosave.change("b");
    const end = autosave.settle();
    await pass(0);
    await end;
    expect(server.states.at(-1)).toBe("You are excluded.");
    expect(server.copy).toBe("b");
  });
});

describe("a newer draft on the server", () => {
  it("of another window is taken over, and later work goes on from its number", async () => {
    const server = new Server(7, "theirs");
    const autosave = new Autosave(server, 3);
    autosave.change("mine");
    await pass(DEBOUNCE);
    expect(server.others).toEqual(["theirs"]);
    expect(server.kept.body).toBe("theirs");
    autosave.change("both");
    await pass(DEBOUNCE);
    expect(server.kept).toEqual({ number: 8, body: "both" });
  });

  it("that is one's own, its answer lost, is no other window", async () => {
    const server = new Server();
    const autosave = new Autosave(server, 0);
    server.deaf = true;
    autosave.change("a");
    await pass(DEBOUNCE);
    server.deaf = false;
    expect(server.kept.body).toBe("a");
    autosave.change("ab");
    await pass(60_000);
    expect(server.others).toEqual([]);
    expect(server.kept.body).toBe("ab");
  });

  it("sent by the closing page is not mistaken for another window by the slower save", async () => {
    const server = new Server();
    let open = (): void => {};
    server.gate = new Promise((resolve) => (open = resolve));
    const autosave = new Autosave(server, 0);
    autosave.change("a");
    await pass(DEBOUNCE);
    autosave.change("ab");
    server.gate = null;
    autosave.close();
    await pass(0);
    expect(server.kept).toEqual({ number: 2, body: "ab" });
    open();
    await pass(60_000);
    expect(server.others).toEqual([]);
    expect(server.kept.body).toBe("ab");
    expect(autosave.settled).toBe(true);
  });
});
