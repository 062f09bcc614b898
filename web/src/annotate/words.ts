/** Words to choose from while one types: first what this person wrote, then what others did. */

import type { Words } from "../lib/types";
import { tidy } from "./content";

export type Kind = "types" | "attributes";

export interface Suggestion {
  readonly word: string;
  /** Whether this person wrote it before; otherwise others did. */
  readonly own: boolean;
}

export const NO_WORDS: Words = {
  own: { types: [], attributes: [] },
  shared: { types: [], attributes: [] },
};

const MOST = 6;

/** Lower case and without accents, so that "café" is found by "cafe". */
const plain = (word: string): string =>
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
 * Args: chosen: words that are there already and need no offer.
 */
export function suggest(
  lists: Words,
  kind: Kind,
  typed: string,
  chosen: readonly string[] = [],
): Suggestion[] {
  const asked = plain(typed);
  const seen = new Set([asked, ...chosen.map(plain)]);
  const found: (Suggestion & { rank: number })[] = [];
  const sources: [string[], boolean][] = [
    [lists.own[kind], true],
    [lists.shared[kind], false],
  ];
  for (const [words, own] of sources) {
    for (const word of words) {
      const rank = closeness(word, asked);
      if (rank === null || seen.has(plain(word))) continue;
      seen.add(plain(word));
      found.push({ word, own, rank });
    }
  }
  // Sorting is stable: within a rank, own words stay first and frequent ones before rare ones.
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ word, own }) => ({ word, own }));
}

/** The lists with words just written put first among this person's own. */
export function remembering(lists: Words, kind: Kind, words: readonly string[]): Words {
  const fresh = words.map(tidy).filter(Boolean);
  const known = new Set(fresh.map(plain));
  const rest = lists.own[kind].filter((word) => !known.has(plain(word)));
  return { ...lists, own: { ...lists.own, [kind]: [...fresh, ...rest] } };
}
