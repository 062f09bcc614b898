/** The client against a real HTTP server that fails on purpose. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError, Client, cookie, sentence, type Connection } from "./requests";

interface Seen {
  verb: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

type Reply = (response: ServerResponse) => void;

let server: Server;
let base: string;
let seen: Seen[];
let replies: Reply[];
let jar: string;

const json =
  (status: number, body: unknown): Reply =>
  (response) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
const hangUp: Reply = (response) => response.socket?.destroy();
const empty: Reply = (response) => response.writeHead(204).end();

beforeEach(async () => {
  [seen, replies, jar] = [[], [], "netgloss_csrf=abc; other=1"];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      seen.push({ verb: method, path: url, headers, body });
      if (url === "/me") jar = "netgloss_csrf=fresh";
      (url === "/me" ? json(200, {}) : (replies.shift() ?? json(200, { last: true })))(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

function client(waits: readonly number[] = [1, 1, 1]): Client {
  return new Client({ base, waits, cookies: () => jar });
}

async function refused(asked: Promise<unknown>): Promise<ApiError> {
  const fault: unknown = await asked.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(fault).toBeInstanceOf(ApiError);
  return fault as ApiError;
}

describe("what is sent", () => {
  it("carries the cross-site token on unsafe verbs only", async () => {
    await client().ask("GET", "/x");
    await client().ask("POST", "/x", { body: { a: 1 } });
    expect(seen.map((one) => one.headers["x-csrf-token"])).toEqual([undefined, "abc"]);
    expect(seen[1]?.body).toBe('{"a":1}');
  });

  it("asks who one is first where there is no cookie yet", async () => {
    jar = "";
    await client().ask("POST", "/x", { body: {} });
    expect(seen.map((one) => one.path)).toEqual(["/me", "/x"]);
    expect(seen[1]?.headers["x-csrf-token"]).toBe("fresh");
  });

  it("carries a token instead of cookies inside a frame", async () => {
    const framed = client();
    framed.useToken("signed");
    await framed.ask("POST", "/x", { body: {} });
    expect(seen[0]?.headers.authorization).toBe("Bearer signed");
    expect(seen[0]?.headers["x-csrf-token"]).toBeUndefined();
  });
});

describe("what is tried again", () => {
  it("sends the same key each time", async () => {
    replies = [hangUp, json(503, {}), json(200, { done: 1 })];
    const body = { key: "k-1", body: {} };
    const got = await client().ask("POST", "/answer", { body, repeatable: true });
    expect(got).toEqual({ done: 1 });
    expect(seen.map((one) => one.body)).toEqual(Array(3).fill(JSON.stringify(body)));
  });

  it("never repeats what may count twice", async () => {
    replies = [hangUp];
    const fault = await refused(client().ask("POST", "/accounts", { body: {} }));
    expect(fault.code).toBe("offline");
    expect(seen).toHaveLength(1);
  });

  it("gives up after the last wait", async () => {
    replies = Array<Reply>(9).fill(hangUp);
    const fault = await refused(client([1, 1]).ask("GET", "/x"));
    expect(fault.status).toBe(0);
    expect(seen).toHaveLength(3);
  });

  it("does not repeat a refusal", async () => {
    replies = [json(409, { error: { code: "paused", message: "A pause." } })];
    await refused(client().ask("GET", "/x"));
    expect(seen).toHaveLength(1);
  });

  it("takes the cookie anew where the old one was of an earlier session", async () => {
    replies = [json(403, { error: { code: "csrf", message: "Load it again." } }), empty];
    await client().ask("DELETE", "/session");
    expect(seen.map((one) => one.headers["x-csrf-token"])).toEqual(["abc", undefined, "fresh"]);
  });
});

describe("what comes back", () => {
  it("is a refusal with its sentence, code and facts", async () => {
    replies = [json(409, { error: { code: "too_soon", message: "Look on.", seconds_to_wait: 2 } })];
    const fault = await refused(client().ask("GET", "/x"));
    expect([fault.status, fault.code, fault.message]).toEqual([409, "too_soon", "Look on."]);
    expect(fault.details).toEqual({ seconds_to_wait: 2 });
  });

  it("is a sentence even where the server sends a page of HTML", async () => {
    replies = [(response) => response.writeHead(500).end("<h1>Server Error</h1>")];
    const fault = await refused(client().ask("GET", "/x"));
    expect(sentence(fault)).toContain("500");
  });

  it("may be nothing", async () => {
    replies = [empty];
    expect(await client().ask("DELETE", "/session")).toBeUndefined();
  });

  it("tells of a cut connection and of its end", async () => {
    replies = [hangUp, json(200, {})];
    const told: Connection[] = [];
    const one = client();
    const stop = one.onConnection((connection) => told.push({ ...connection }));
    await one.ask("GET", "/x");
    stop();
    expect(told.some((state) => !state.online && state.waiting === 1)).toBe(true);
    expect(told.at(-1)).toEqual({ online: true, waiting: 0 });
  });
});

it("reads one cookie among several", () => {
  expect(cookie("a=1; netgloss_csrf=x%3Dy; b=2", "netgloss_csrf")).toBe("x=y");
  expect(cookie("not_netgloss_csrf=1", "netgloss_csrf")).toBe("");
});
