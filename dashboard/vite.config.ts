/** How the page is bundled: static files that work under any path, without inline scripts or styles. */
import { fileURLToPath } from "node:url";

import type { InlineConfig } from "vite";

/** Folder of the page. */
export const ROOT = fileURLToPath(new URL(".", import.meta.url));

/** Settings of the bundler for static files in a folder. */
export function bundleTo(outDir: string): InlineConfig {
  return {
    root: ROOT,
    base: "./",
    configFile: false,
    logLevel: "warn",
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: { checks: { bundlerTimings: false } },
    },
  };
}
