import path from "node:path";

import { build } from "esbuild";

const ENTRY = path.join(import.meta.dirname, "..", "..", "cli", "main.ts");

/** Bundles the command line into one file, without the packages that npm installs. */
export async function bundleCli(outfile: string): Promise<void> {
  await build({
    ...{ bundle: true, platform: "node", format: "esm", target: "node20", packages: "external" },
    entryPoints: [ENTRY],
    alias: { "@commander-js/extra-typings": "commander" }, // the same, with types
    outfile,
  });
}
