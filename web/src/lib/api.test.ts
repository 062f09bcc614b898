/** What the functions send, by the page's own client. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { client, openBatch } from "./api";

/** What is lost, then one batch for ever. */
let lost: number;
let sent: { address: string; body: unknown }[];

beforeEach(() => {
  [lost, sent] = [0, []];
  vi.useFakeTimers();
  client.useToken("a frame's, which has no cookies");
  vi.stubGlobal("fetch", async (address: string, options: RequestInit) => {
    sent.push({ address, body: JSON.parse(String(options.body)) });
    if (lost-- > 0) throw new TypeError("the reply was lost");
    return new Response('{"id": "b2"}');
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("a batch is asked for by the task alone, or with the batch that ends", async () => {
  await openBatch("play", { level: "hard" });
  await openBatch("play", {}, "b1");
  expect(sent).toEqual([
    { address: "/api/tasks/play/batch", body: { level: "hard" } },
    { address: "/api/tasks/play/batch?after=b1", body: {} },
  ]);
});

it("the next batch is asked for again where the reply was lost", async () => {
  lost = 2;
  const found = openBatch("play", {}, "b1");
  await vi.runAllTimersAsync();
  expect(await found).toEqual({ id: "b2" });
  expect(sent.map(({ address }) => address)).toEqual(Array(3).fill(sent[0]?.address));
});
