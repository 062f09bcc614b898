/** Words as people type them: cleaned, split, and offered again while somebody types. */

/** The longest that the server takes, in letters. */
export const LONGEST_WORD = 60;

const MOST_SUGGESTIONS = 6;

export interface Suggestion {
  readonly word: string;
  /** Whether this person wrote it before; otherwise others did. */
  readonly own: boolean;
}

/** White space at the ends gone and inside it single, letters composed, as the server keeps words. */
export const tidy = (word: string): string => word.normalize("NFC").trim().replace(/\s+/gu, " ");

/** What a comma or a semicolon separates. */
export function splitWords(text: string): string[] {
  return text
    .split(/[,;\n]/u)
    .map((word) => shortened(tidy(word)))
    .filter((word) => word !== "");
}

/** Cut between letters: half an emoji is no text, and the server would turn the word down. */
const shortened = (word: string): string => [...word].slice(0, LONGEST_WORD).join("").trimEnd();

const folded = (word: string): string => tidy(word).toLocaleLowerCase();

/** The words with new ones at the end, at most so many; one that is there is not added again. */
export function withWords(words: readonly string[], text: string, most: number): readonly string[] {
  const all = [...words];
  for (const word of splitWords(text))
    if (all.length < most && !all.some((one) => folded(one) === folded(word))) all.push(word);
  return all;
}

/** Lower case and without accents, so that "café" is found by "cafe". */
export const plain = (word: string): string =>
  tidy(word)
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLocaleLowerCase();

/** How well a word answers what was typed: 0 starts with it, 1 a later part does, 2 contains it. */
function closeness(word: string, typed: string): number | null {
  const place = plain(word).indexOf(typed);
  if (place < 0) return null;
  if (place === 0) return 0;
  return plain(word)[place - 1] === " " ? 1 : 2;
}

/**
 * At most six words that go on from what was typed, best first.
 *
 * @param own - This person's, best first.
 * @param shared - Those of others.
 * @param chosen - Words that are there already and need no offer.
 */
export function offered(
  own: readonly string[],
  shared: readonly string[],
  typed: string,
  chosen: readonly string[] = [],
): Suggestion[] {
  const asked = plain(typed);
  const seen = new Set([asked, ...chosen.map(plain)]);
  const found: (Suggestion & { rank: number })[] = [];
  const all = [...own.map((word) => [word, true] as const), ...shared.map((word) => [word, false] as const)]; // prettier-ignore
  for (const [word, mine] of all) {
    const rank = closeness(word, asked);
    if (rank === null || seen.has(plain(word))) continue;
    seen.add(plain(word));
    found.push({ word, own: mine, rank });
  }
  // Sorting is stable: within a rank, own words stay first and frequent ones before rare ones.
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ word, own: mine }) => ({ word, own: mine }));
}

/** The list with words just written put first, each once. */
export function putFirst(list: readonly string[], words: readonly string[]): string[] {
  const fresh = words.map(tidy).filter(Boolean);
  const known = new Set(fresh.map(plain));
  return [...fresh, ...list.filter((word) => !known.has(plain(word)))];
}
