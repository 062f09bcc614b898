import { describe, expect, it } from "vitest";
import { visitOf } from "./frame.svelte";

const ADDRESS = "?workerId=W1&hitId=H1&assignmentId=A1&turkSubmitTo=";

describe("a visit inside the frame", () => {
  it("reports its end to the site that sent the person", () => {
    expect(visitOf(`${ADDRESS}https://www.mturk.com`)).toEqual({
      worker: "W1",
      hit: "H1",
      assignment: "A1",
      submit: "https://www.mturk.com/mturk/externalSubmit",
    });
  });

  it.each([
    "https://evil.example",
    "https://www.mturk.com.evil.example",
    "javascript:alert(1)",
    "",
  ])("never reports to %s", (site) => {
    expect(visitOf(ADDRESS + encodeURIComponent(site))?.submit).toBe("");
  });

  it("is none in a preview", () => {
    expect(visitOf("?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H1")).toBeNull();
    expect(visitOf("?workerId=W1&assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE")).toBeNull();
    expect(visitOf("")).toBeNull();
  });
});
