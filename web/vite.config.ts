/** Builds the pages into the Python package, with hashed names and nothing that a strict policy blocks. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Lays a compressed copy beside each file of the build; the server hands it out without further work. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle(options) {
      const folder = join(options.dir ?? "", "assets");
      for (const name of await readdir(folder)) {
        const place = join(folder, name);
        const bytes = await readFile(place);
        await writeFile(`${place}.br`, brotliCompressSync(bytes));
        await writeFile(`${place}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte(), compressed()],
  // Where the server offers the files; the page itself lies at any address.
  base: "/static/",
  build: {
    outDir: "../src/netgloss/server/static",
    emptyOutDir: true,
    target: "es2022",
    // A data: address would be blocked by default-src 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/pictures": "http://127.0.0.1:8000" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
