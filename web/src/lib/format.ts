/** Numbers, times and words as people read them. */

const WHOLE = new Intl.NumberFormat("en");
const MOMENT = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});
const NOTHING = "–";

/** A count with its noun: `1 image`, `2,100 images`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${WHOLE.format(count)} ${count === 1 ? noun : plural}`;
}

export const whole = (count: number): string => WHOLE.format(count);

/** A number between -1 and 1 with two digits and no zero before the point, as in the report: `.96`. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return value.toFixed(2).replace(/^(-?)0\./, "$1.");
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : `${Math.round(value * 100)} %`;
}

/** With one digit behind the point. */
export function decimal(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : value.toFixed(1);
}

/** A p-value; small ones as a bound. */
export function probability(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return value < 0.0001 ? "< .0001" : value.toFixed(4).replace(/^0/, "");
}

export function moment(iso: string | null | undefined): string {
  return iso ? MOMENT.format(new Date(iso)) : NOTHING;
}

/** A concept's identifier as words: `orange-lobster_claw` is `orange lobster claw`. */
export function inWords(concept: string): string {
  return concept.replace(/^(type|attribute|pair|combination):/, "").replace(/[_-]/g, " ");
}

/** Words that were typed with commas between them. */
export function listed(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((word) => word.trim())
    .filter(Boolean);
}
