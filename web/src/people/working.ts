/** The pages round the work, fetched together when somebody starts. */

export { default as FinishedPage } from "./FinishedPage.svelte";
export { default as FramePage } from "./FramePage.svelte";
export { default as InstructionsPage } from "./InstructionsPage.svelte";
export { default as WorkPage } from "./WorkPage.svelte";
