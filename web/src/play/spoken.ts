/** What the game says: to the eye in labels, and to a screen reader after each step. */

import { counted } from "../lib/format";
import type { GameOver, Shown } from "./api";

/** The picture's level as people count, from 1. */
export const levelOf = (shown: Shown): number => shown.hints + 1;

/** The picture in words; nothing about its class before the game is over. */
export function altOf(shown: Shown): string {
  if (shown.phase === "over") return `The whole picture: ${(shown as GameOver).class}`;
  return `The parts of a picture that the network saw, level ${levelOf(shown)} of ${shown.most_hints + 1}; the rest is black`;
}

/** Read out when a game begins or goes on, and after each hint. */
export function levelSaid(shown: Shown): string {
  const left = shown.most_hints - shown.hints;
  const more = left ? `${counted(left, "hint")} left.` : "That was the last hint.";
  return `Level ${levelOf(shown)} of ${shown.most_hints + 1}. A right guess brings ${counted(shown.points, "point")}. ${more}`;
}

/** Read out once the guess is in. */
export const guessSaid = (shown: Shown): string =>
  `Your guess: ${shown.options[shown.guess ?? 0]}. What gave it away?`;

const HEADINGS = { win: "Right!", loss: "Not this time", resign: "Given up" } as const;

export const headingOf = (over: GameOver): string => HEADINGS[over.outcome];

/** All points of a game, the bonus for the streak among them. */
export const totalOf = (over: GameOver): number => over.points + over.bonus;

/** Read out when the game is over. */
export function outcomeSaid(over: GameOver): string {
  const streak = over.streak > 1 ? ` ${over.streak} wins in a row.` : "";
  const heading = headingOf(over).replace(/\w$/u, "$&.");
  return `${heading} It was: ${over.class}. ${counted(totalOf(over), "point")}.${streak} Your score is ${counted(over.score, "point")}.`;
}

/** Where the points came from, as far as there is more than one source. */
export function sources(over: GameOver): readonly (readonly [name: string, points: number])[] {
  const words = over.tags.length > 0 && over.outcome !== "resign" ? over.tag_bonus : 0;
  const parts: [string, number][] = [
    ["guess", over.points - words],
    ["words", words],
    ["streak", over.bonus],
  ];
  const given = parts.filter(([, points]) => points > 0);
  return given.length > 1 ? given : [];
}
