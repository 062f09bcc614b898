/** Switches that this device remembers. */

/** Whether single letters are keys; somebody who speaks to the computer switches them off. */
export const SINGLE_KEYS = "netgloss-single-keys";

export function keep(name: string, on: boolean): void {
  try {
    localStorage.setItem(name, on ? "on" : "off");
  } catch {
    // A frame without a store asks again next time.
  }
}

export function kept(name: string, usual: boolean): boolean {
  try {
    const found = localStorage.getItem(name);
    return found === null ? usual : found === "on";
  } catch {
    return usual;
  }
}
