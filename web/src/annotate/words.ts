/** Words to choose from while one types; first what this person wrote, then what others did. */

import type { Words } from "../lib/types";
import { offered, putFirst, type Suggestion } from "../lib/words";

export type Kind = "types" | "attributes";

export const NO_WORDS: Words = {
  own: { types: [], attributes: [] },
  shared: { types: [], attributes: [] },
};

/**
 * At most six words that go on from what was typed, best first.
 *
 * @param chosen - Words that are there already and need no offer.
 */
export const suggest = (
  lists: Words,
  kind: Kind,
  typed: string,
  chosen: readonly string[] = [],
): Suggestion[] => offered(lists.own[kind], lists.shared[kind], typed, chosen);

/** The lists with words just written put first among this person's own. */
export function remembering(lists: Words, kind: Kind, words: readonly string[]): Words {
  return { ...lists, own: { ...lists.own, [kind]: putFirst(lists.own[kind], words) } };
}
