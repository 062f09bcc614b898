import { beforeEach, describe, expect, it } from "vitest";
import type { Hit } from "./geometry";
import { FINGER_REACH, Gestures, type Meaning, MOUSE_REACH } from "./gestures";

let said: string[];
let under: Hit;
let reach: number;
let gestures: Gestures;

const meaning: Meaning = {
  hit: (_, within) => ((reach = within), under),
  pick: () => (under.part === "nothing" ? -1 : under.index),
  drawing: (from, to) => said.push(`draw ${from.x},${from.y} to ${to.x},${to.y}`),
  moving: (index, by) => said.push(`move ${index} by ${by.x},${by.y}`),
  resizing: (index, handle, by) => said.push(`resize ${index} ${handle} by ${by.x},${by.y}`),
  panning: (by) => said.push(`pan ${by.x},${by.y}`),
  pinching: (before, after) => said.push(`pinch ${before[0].x} to ${after[0].x}`),
  tapped: (index) => said.push(`tap ${index}`),
  taken: (index) => said.push(`take ${index}`),
  dropped: () => said.push("drop"),
  cancelled: () => said.push("cancel"),
};

const at = (x: number, y: number, id = 1, touch = false) => ({ id, at: { x, y }, touch });

beforeEach(() => {
  said = [];
  under = { part: "nothing" };
  gestures = new Gestures(meaning);
});

function drag(...manner: Parameters<Gestures["down"]>[1][]): void {
  gestures.down(at(10, 10), manner[0]);
  gestures.move(at(11, 10));
  gestures.move(at(30, 40));
  gestures.up(at(30, 40));
}

describe("one pointer", () => {
  it("draws over nothing, and inside a box that is not chosen", () => {
    drag();
    under = { part: "inside", index: 2, chosen: false };
    drag();
    expect(said).toEqual(["draw 10,10 to 30,40", "drop", "draw 10,10 to 30,40", "drop"]);
  });

  it("moves the chosen box and another one by its outline", () => {
    under = { part: "inside", index: 2, chosen: true };
    drag();
    under = { part: "outline", index: 0 };
    drag();
    const moves = ["take 2", "move 2 by 20,30", "drop", "take 0", "move 0 by 20,30", "drop"];
    expect(said).toEqual(moves);
  });

  it("resizes by a handle", () => {
    under = { part: "handle", index: 1, handle: "se" };
    drag();
    expect(said).toEqual(["take 1", "resize 1 se by 20,30", "drop"]);
  });

  it("draws or pans over anything where that is what was meant", () => {
    under = { part: "inside", index: 2, chosen: true };
    drag({ draw: true });
    drag({ pan: true });
    expect(said).toEqual(["draw 10,10 to 30,40", "drop", "pan 19,30", "drop"]);
  });

  it("taps where it hardly moves; a finger is less still and less exact than a mouse", () => {
    under = { part: "outline", index: 3 };
    gestures.down(at(10, 10));
    gestures.up(at(12, 10));
    expect([said, reach]).toEqual([["tap 3"], MOUSE_REACH]);
    gestures.down(at(10, 10, 1, true));
    gestures.move(at(15, 10, 1, true));
    gestures.up(at(15, 10, 1, true));
    expect([said[1], reach]).toEqual(["tap 3", FINGER_REACH]);
  });

  it("that the browser takes away leaves nothing behind", () => {
    gestures.down(at(10, 10));
    gestures.move(at(50, 50));
    gestures.cancel();
    gestures.move(at(60, 60));
    gestures.up(at(60, 60));
    expect(said).toEqual(["draw 10,10 to 50,50", "cancel"]);
    expect(gestures.busy).toBe(false);
  });
});

describe("two fingers", () => {
  it("take back what the first one began, and pinch", () => {
    gestures.down(at(10, 10, 1, true));
    gestures.move(at(40, 40, 1, true));
    gestures.down(at(80, 80, 2, true));
    gestures.move(at(90, 80, 2, true));
    expect(said).toEqual(["draw 10,10 to 40,40", "cancel", "pinch 80 to 90"]);
  });

  it("do not draw with the one that stays", () => {
    gestures.down(at(10, 10, 1, true));
    gestures.down(at(80, 80, 2, true));
    gestures.up(at(10, 10, 1, true));
    gestures.move(at(180, 180, 2, true));
    gestures.up(at(180, 180, 2, true));
    expect(said).toEqual([]);
    drag();
    expect(said).toEqual(["draw 10,10 to 30,40", "drop"]);
  });
});
