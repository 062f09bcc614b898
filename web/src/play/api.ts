/** The server's functions for the game, and what it speaks of, by the names it uses. */

import { client, type After, type Assignment, type Batch, type Receipt } from "../lib/api";

/** A game as it stands; before it is over nothing in it tells the class. */
export interface GameShown {
  phase: "guess" | "tag" | "over";
  /** The address of the picture at the level reached. */
  picture: string;
  /** How often more was shown. */
  hints: number;
  most_hints: number;
  /** What a right guess would bring now; once it is over, what the game brought. */
  points: number;
  /** What one more hint costs, and what words bring. */
  price: number;
  tag_bonus: number;
  options: string[];
  /** The place of the class guessed. */
  guess: number | null;
}

export type Outcome = "win" | "loss" | "resign";

export interface GameOver extends Omit<GameShown, "phase"> {
  phase: "over";
  outcome: Outcome;
  class: string;
  /** The address of the whole picture. */
  whole: string;
  /** Besides the points: for the wins in a row. */
  bonus: number;
  streak: number;
  score: number;
  tags: string[];
}

export type Shown = GameShown | GameOver;

/** What is sent at the end; the server knows the rest. */
export type GameBody = { tags: string[] } | { resign: true };

export type GameAssignment = Assignment<Shown, GameBody>;
export type GameBatch = Batch<Shown, GameBody>;

export type Action = { action: "hint" } | { action: "guess"; body: { option: number } };

export interface Acted {
  shown: Shown;
  seconds_to_wait: number;
}

/** The reply to what ends a game: its outcome, and what comes after it. */
export interface GameReceipt extends Receipt {
  shown: GameOver;
  after: After;
}

export interface Level {
  name: string;
  games_left: number;
}

/** What a player is told of themselves. */
export interface Player {
  nickname: string;
  score: number;
  games: number;
  won: number;
  lost: number;
  resigned: number;
  hints: number;
  streak: number;
  best_streak: number;
  /** On the leaderboard; null for whoever has not played. */
  place: number | null;
  /** Null where the organiser offers no choice. */
  levels: Level[] | null;
  open_batch: string | null;
}

export interface Place {
  place: number;
  nickname: string;
  score: number;
  games: number;
  win_rate: number;
  you: boolean;
}

export interface Leaderboard {
  rows: Place[];
  /** The asking player's own, also where it is too far down for the rows. */
  you: Place | null;
}

const part = encodeURIComponent;

export const player = (): Promise<Player> => client.ask("GET", "/play");

export const rename = (nickname: string): Promise<Player> =>
  client.ask("PUT", "/play/nickname", { body: { nickname } });

export const leaderboard = (): Promise<Leaderboard> => client.ask("GET", "/play/leaderboard");

/**
 * Does something in a game; it is done once however often it is sent.
 *
 * @param key - Of this action, the same for each time it is sent.
 */
export const act = (assignment: string, action: Action, key: string): Promise<Acted> =>
  client.ask("POST", `/assignments/${part(assignment)}/actions`, {
    body: { key, body: {}, ...action },
    repeatable: true,
  });

export const game = (batch: string): Promise<GameBatch> =>
  client.ask("GET", `/batches/${part(batch)}`);

/** This person's words, the most frequent first; other people's would tell what to see. */
export const ownWords = (): Promise<{ own: { tags: string[] } }> =>
  client.ask("GET", "/tasks/play/words");
