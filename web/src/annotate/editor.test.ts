import { beforeEach, describe, expect, it } from "vitest";
import { type Content, EMPTY } from "./content";
import { Editor } from "./editor.svelte";

const RECT = { x0: 10, y0: 10, x1: 50, y1: 40 };
let told: number;
let editor: Editor;

beforeEach(() => {
  told = 0;
  editor = new Editor(EMPTY, () => (told += 1));
});

/** A few dozen actions drawn from a fixed seed; each leaves the content as it is or another one. */
function actAtRandom(seed: number, times: number): void {
  let state = seed;
  const roll = (limit: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * limit);
  };
  for (let turn = 0; turn < times; turn += 1) {
    const { boxes } = editor.content;
    const id = boxes[roll(Math.max(1, boxes.length))]?.id ?? 0;
    const shifted = { ...RECT, x0: roll(40), y0: roll(30) };
    const actions = [
      () => editor.add(shifted),
      () => editor.place(id, shifted, "moved", `arrows-${id}`),
      () => editor.name(id, `name ${roll(5)}`),
      () => editor.describe(id, `word ${roll(5)}`),
      () => editor.undescribe(id, roll(3)),
      () => editor.remove(id),
      () => editor.sayNothing(roll(2) === 0),
      () => editor.seal(),
      () => editor.undo(),
      () => editor.redo(),
    ];
    actions[roll(actions.length)]!();
  }
}

describe("undo and redo", () => {
  it("walk back to the beginning and forward to the end, whatever was done", () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      editor = new Editor(EMPTY, () => {});
      actAtRandom(seed, 60);
      while (editor.redo() !== null);
      const last: Content = editor.content;
      while (editor.undo() !== null);
      expect(editor.content).toBe(EMPTY);
      while (editor.redo() !== null);
      expect(editor.content).toBe(last);
    }
  });

  it("take a drag as one step, told once at its end", () => {
    editor.hold();
    const id = editor.add(RECT)!;
    for (let x0 = 11; x0 < 30; x0 += 1) editor.place(id, { ...RECT, x0 }, "drawn");
    expect(told).toBe(0);
    editor.release();
    expect(told).toBe(1);
    expect(editor.undo()).toBe("Box 1 drawn");
    expect(editor.content).toBe(EMPTY);
  });

  it("leave no trace of a drag that was given up, and none of what was before is lost", () => {
    const id = editor.add(RECT)!;
    editor.hold();
    editor.place(id, { ...RECT, x0: 0 }, "moved");
    editor.giveUp();
    expect(editor.box(id)!.rect).toEqual(RECT);
    expect(editor.canRedo).toBe(false);
    editor.hold();
    editor.giveUp();
    expect(editor.box(id)!.rect).toEqual(RECT);
  });

  it("take two drags of one box as two steps", () => {
    const id = editor.add(RECT)!;
    for (const x0 of [5, 0]) {
      editor.hold();
      editor.place(id, { ...RECT, x0 }, "moved");
      editor.release();
    }
    editor.undo();
    expect(editor.box(id)!.rect.x0).toBe(5);
  });

  it("forget which box was chosen once it is gone", () => {
    editor.add(RECT);
    expect(editor.chosenIndex).toBe(0);
    editor.undo();
    expect(editor.chosen).toBeNull();
  });
});

describe("nothing recognisable", () => {
  it("takes the boxes along, and gives them back by undo", () => {
    editor.add(RECT);
    editor.sayNothing(true);
    expect(editor.body).toEqual({ boxes: [], nothing: true });
    editor.undo();
    expect(editor.rects).toEqual([RECT]);
    expect(editor.content.nothing).toBe(false);
  });

  it("is no longer so with a new box", () => {
    editor.sayNothing(true);
    editor.add(RECT);
    expect(editor.content.nothing).toBe(false);
  });
});

describe("words", () => {
  it("on their way are saved but are no step, and count once committed", () => {
    const id = editor.add(RECT)!;
    editor.type(id, "orange");
    expect(editor.body.boxes[0]!.attributes).toEqual(["orange"]);
    expect(editor.content.boxes[0]!.attributes).toEqual([]);
    editor.commit();
    expect(editor.content.boxes[0]!.attributes).toEqual(["orange"]);
    expect(editor.typing[id]).toBe("");
    expect(editor.undo()).toBe("orange added to box 1");
  });

  it("typed letter by letter are one step, and tidied when committed", () => {
    const id = editor.add(RECT)!;
    for (const text of ["c", "cl", "claw", "claw "]) editor.name(id, text);
    editor.commit();
    expect(editor.body.boxes[0]!.type).toBe("claw");
    editor.undo();
    expect(editor.content.boxes[0]!.type).toBe("");
  });
});

it("what another window saved is one undo away from one's own", () => {
  editor.add(RECT);
  const theirs: Content = { boxes: [], nothing: true };
  editor.take(theirs);
  expect(editor.content).toBe(theirs);
  editor.undo();
  expect(editor.rects).toEqual([RECT]);
});

it("a hundred boxes are enough", () => {
  for (let count = 0; count < 100; count += 1) editor.add(RECT);
  expect(editor.add(RECT)).toBeNull();
  expect(editor.content.boxes).toHaveLength(100);
  expect(new Set(editor.content.boxes.map((box) => box.id)).size).toBe(100);
});
