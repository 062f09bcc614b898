/** A page inside Amazon Mechanical Turk's frame: who looks at it, and where the end is reported. */

/** The one address that may be shown in a frame. */
const ADDRESS = "/mturk";
const PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE";

export interface Visit {
  worker: string;
  hit: string;
  assignment: string;
  /** The site that wants to hear of the end; whether it may, only the server says. */
  submitTo: string;
}

/**
 * Returns what the frame's address says; null in a preview, before the task is accepted.
 *
 * @example visitOf("?workerId=W&assignmentId=A&hitId=H&turkSubmitTo=https://www.mturk.com")
 */
export function visitOf(query: string): Visit | null {
  const given = new URLSearchParams(query);
  const [worker, assignment] = [given.get("workerId"), given.get("assignmentId")];
  if (!worker || !assignment || assignment === PREVIEW) return null;
  return {
    worker,
    hit: given.get("hitId") ?? "",
    assignment,
    submitTo: given.get("turkSubmitTo") ?? "",
  };
}

class Frame {
  /** Whether the page was opened for a frame; it then leads nowhere else. */
  readonly inside = globalThis.location?.pathname.replace(/\/$/, "") === ADDRESS;
  /** Set once somebody works inside the frame. */
  visit = $state.raw<Visit | null>(null);
  /** Where the form that ends the visit goes, as the server says; empty where nowhere. */
  handIn = $state("");
}

export const frame = new Frame();
