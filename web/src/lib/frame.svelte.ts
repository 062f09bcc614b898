/** A page inside Amazon Mechanical Turk's frame: who looks at it, and where the end is reported. */

/** The only sites that may learn that somebody is done. */
const SITES = ["https://www.mturk.com", "https://workersandbox.mturk.com"];
const PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE";

export interface Visit {
  worker: string;
  hit: string;
  assignment: string;
  /** Where the form that ends the visit goes; empty where the address names no such site. */
  submit: string;
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
  const site = (given.get("turkSubmitTo") ?? "").replace(/\/$/, "");
  const submit = SITES.includes(site) ? `${site}/mturk/externalSubmit` : "";
  return { worker, hit: given.get("hitId") ?? "", assignment, submit };
}

class Frame {
  /** Set once somebody works inside the frame. */
  visit = $state.raw<Visit | null>(null);
}

export const frame = new Frame();
