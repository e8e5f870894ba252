/** Programs in one file with every package that they import, which start in a quarter of the time that their sources take. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { build } from "esbuild";

const ROOT = path.join(import.meta.dirname, "..", "..");

/** Packages that a program loads only if it is told to use them. */
const LOADED_ON_DEMAND = ["hardhat", "hardhat/*", "pg-native"];

/** Gives packages that are written as CommonJS what a module of ECMAScript does not have. */
const COMMON_JS = `import { createRequire as createRequireOfBundle } from "node:module";
const require = createRequireOfBundle(import.meta.url);
const { dirname: __dirname, filename: __filename } = import.meta;`;

/** Bundles a program of the repository for a suite. @returns its file, once the suite runs. */
export function useBundledProgram(entry: string): () => string {
  let folder: string | undefined;
  const file = () => {
    if (folder === undefined) throw new Error("The bundle is there once the suite runs.");
    return path.join(folder, "program.mjs");
  };
  before(async function () {
    folder = mkdtempSync(path.join(os.tmpdir(), "opa-bundle-"));
    await build({
      ...{ bundle: true, minify: true, platform: "node", format: "esm", target: "node20" },
      alias: { "@commander-js/extra-typings": "commander" }, // the same, with types
      banner: { js: COMMON_JS },
      entryPoints: [path.join(ROOT, entry)],
      external: LOADED_ON_DEMAND,
      outfile: file(),
    });
  });
  after(function () {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  return file;
}
