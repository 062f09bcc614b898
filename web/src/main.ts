/** Starts the pages. */

import { mount } from "svelte";
import App from "./App.svelte";
import "./lib/tokens.css";
import "./lib/base.css";

// A page that was open while the server was renewed asks for parts that are gone: load it anew, once.
addEventListener("vite:preloadError", (event) => {
  const key = "netgloss-reloaded";
  if (!navigator.onLine) return;
  if (sessionStorage.getItem(key) === document.lastModified) return;
  sessionStorage.setItem(key, document.lastModified);
  event.preventDefault();
  location.reload();
});

const target = document.getElementById("app");
if (target) mount(App, { target });
