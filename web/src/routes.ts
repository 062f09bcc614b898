/** Which address shows which page. What most people never open is fetched when somebody does. */

import type { Component } from "svelte";
import { matchPath, type Parameters } from "./lib/router.svelte";
import HomePage from "./people/HomePage.svelte";
import JoinPage from "./people/JoinPage.svelte";
import MePage from "./people/MePage.svelte";
import NewPasswordPage from "./people/NewPasswordPage.svelte";
import NotFoundPage from "./people/NotFoundPage.svelte";
import ResetPage from "./people/ResetPage.svelte";
import SignInPage from "./people/SignInPage.svelte";
import SignUpPage from "./people/SignUpPage.svelte";

/** A page takes the placeholders of its own address as props. */
type AnyPage = Component<Record<string, string>>;
type Load = () => Promise<AnyPage>;

/** Pages differ in their props; the pattern beside each names just those. */
const as = (page: unknown): AnyPage => page as AnyPage;
const at =
  (page: unknown): Load =>
  () =>
    Promise.resolve(as(page));
const work = (name: keyof typeof import("./people/working")): Load => {
  return async () => as((await import("./people/working"))[name]);
};
const organise = (name: keyof typeof import("./organise/pages")): Load => {
  return async () => as((await import("./organise/pages"))[name]);
};

const play = (name: keyof typeof import("./play/pages")): Load => {
  return async () => as((await import("./play/pages"))[name]);
};

/** The address, what is there, and what the page is told besides the address's own parameters. */
const PAGES: readonly (readonly [string, Load, Parameters?])[] = [
  ["/", at(HomePage)],
  ["/sign-in", at(SignInPage)],
  ["/sign-up", at(SignUpPage)],
  ["/reset", at(ResetPage)],
  ["/reset/:person/:token", at(NewPasswordPage)],
  ["/join/:token", at(JoinPage)],
  ["/me", at(MePage)],
  ["/annotate", work("WorkPage")],
  ["/mturk", work("FramePage")],
  ["/annotate/instructions", work("InstructionsPage"), { name: "annotate" }],
  ["/annotate/finished/:batch", work("FinishedPage"), { name: "annotate" }],
  ["/play", play("PlayPage")],
  ["/play/game", play("GamePage")],
  ["/play/leaderboard", play("LeaderboardPage")],
  ["/play/instructions", play("InstructionsPage"), { name: "play" }],
  ["/play/finished/:batch", play("FinishedPage"), { name: "play" }],
  ["/organise", organise("OverviewPage")],
  ["/organise/people", organise("PeoplePage")],
  ["/organise/items", organise("ItemsPage")],
  ["/organise/games", organise("GamesPage")],
  ["/organise/results", organise("ResultsPage")],
  ["/organise/settings", organise("SettingsPage")],
  ["/organise/export", organise("ExportPage")],
];

export interface Route {
  /** The pattern; two addresses of one pattern are one page with other parameters. */
  pattern: string;
  parameters: Parameters;
  load: Load;
}

/** The page at an address; the one that says so where there is none. */
export function route(path: string): Route {
  for (const [pattern, load, told] of PAGES) {
    const parameters = matchPath(pattern, path);
    if (parameters) return { pattern, parameters: { ...parameters, ...told }, load };
  }
  return { pattern: "*", parameters: {}, load: at(NotFoundPage) };
}
