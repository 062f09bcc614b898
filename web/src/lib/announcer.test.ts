import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Announcer } from "./announcer.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a held key speaks once, and not at all after something newer was said", () => {
  const announcer = new Announcer();
  for (let left = 1; left <= 5; left += 1) {
    announcer.sayAtRest(`${left} from the left`);
    vi.advanceTimersByTime(100);
  }
  expect(announcer.text).toBe("");
  vi.advanceTimersByTime(500);
  expect(announcer.text).toBe("5 from the left");
  announcer.sayAtRest("6 from the left");
  announcer.say("Box 1 deleted.");
  vi.advanceTimersByTime(1000);
  expect(announcer.text).toBe("Box 1 deleted.");
});

it("the same sentence again is another text", () => {
  const announcer = new Announcer();
  const texts = [1, 2, 3].map(() => {
    announcer.say("Undone.");
    return announcer.text;
  });
  expect(texts[1]).not.toBe(texts[0]);
  expect(texts[2]).not.toBe(texts[1]);
  expect(texts.map((text) => text.trim())).toEqual(["Undone.", "Undone.", "Undone."]);
});
