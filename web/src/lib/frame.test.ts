import { describe, expect, it } from "vitest";
import { visitOf } from "./frame.svelte";

const ADDRESS = "?workerId=W1&hitId=H1&assignmentId=A1&turkSubmitTo=";

describe("a visit inside the frame", () => {
  it("is what the address says", () => {
    expect(visitOf(`${ADDRESS}https%3A%2F%2Fwww.mturk.com`)).toEqual({
      worker: "W1",
      hit: "H1",
      assignment: "A1",
      submitTo: "https://www.mturk.com",
    });
  });

  it("does without a HIT and a site to report to", () => {
    expect(visitOf("?workerId=W1&assignmentId=A1")).toEqual({
      worker: "W1",
      hit: "",
      assignment: "A1",
      submitTo: "",
    });
  });

  it("is none in a preview", () => {
    expect(visitOf("?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H1")).toBeNull();
    expect(visitOf("?workerId=W1&assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE")).toBeNull();
    expect(visitOf("?workerId=&assignmentId=A1")).toBeNull();
    expect(visitOf("")).toBeNull();
  });
});
