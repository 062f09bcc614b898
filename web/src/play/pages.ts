/** The pages of the game, fetched together when somebody plays. */

export { default as FinishedPage } from "../people/FinishedPage.svelte";
export { default as InstructionsPage } from "../people/InstructionsPage.svelte";
export { default as GamePage } from "./GamePage.svelte";
export { default as LeaderboardPage } from "./LeaderboardPage.svelte";
export { default as PlayPage } from "./PlayPage.svelte";
