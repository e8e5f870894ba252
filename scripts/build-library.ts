/**
 * Builds the library from sdk/ into dist/, once as ECMAScript modules and once as CommonJS.
 *
 *   npm run build && npm run library
 *
 * A file whose source is gone must not be packed, so dist/ is emptied first.
 */
import { spawnSync } from "node:child_process";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { bundleCli } from "./library/bundle-cli.js";
import { writeCommonJs } from "./library/common-js.js";
import { readAbis, renderAbis } from "./library/render-abi.js";

const ROOT = path.join(import.meta.dirname, "..");
const TYPESCRIPT = createRequire(import.meta.url).resolve("typescript/bin/tsc");

const USAGE = {
  command: "library",
  summary: "Builds the package into dist/, once as ECMAScript modules and once as CommonJS.",
};

await runCommand(USAGE, async () => {
  rmSync(path.join(ROOT, "dist"), { recursive: true, force: true });
  const abis = readAbis(path.join(ROOT, "artifacts"));
  const file = path.join(ROOT, "typechain-types", "abi.ts");
  writeFileSync(`${file}.new`, renderAbis(abis));
  renameSync(`${file}.new`, file); // a compiler that runs beside this sees the old file or the new one
  const project = path.join(ROOT, "tsconfig.esm.json");
  const { status } = spawnSync(process.execPath, [TYPESCRIPT, "-p", project], { stdio: "inherit" });
  if (status !== 0) return status ?? 1;
  writeCommonJs(path.join(ROOT, "dist"));
  for (const [format, type] of [
    ["esm", "module"],
    ["cjs", "commonjs"],
  ] as const) {
    // Bundlers read the nearest file, so it says as well that unused modules can be left out.
    const scope = { type, sideEffects: false };
    writeFileSync(path.join(ROOT, "dist", format, "package.json"), `${JSON.stringify(scope)}\n`);
  }
  await bundleCli(path.join(ROOT, "dist", "cli", "opa.js"));
  console.log(`the library is built, with the ABIs of ${abis.length} contracts`);
  return 0;
});
