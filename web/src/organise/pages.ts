/** The organiser's pages, fetched together when an organiser opens one. */

export { default as ExportPage } from "./ExportPage.svelte";
export { default as GamesPage } from "./GamesPage.svelte";
export { default as ItemsPage } from "./ItemsPage.svelte";
export { default as OverviewPage } from "./OverviewPage.svelte";
export { default as PeoplePage } from "./PeoplePage.svelte";
export { default as ResultsPage } from "./ResultsPage.svelte";
export { default as SettingsPage } from "./SettingsPage.svelte";
