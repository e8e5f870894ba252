/** Bundles the page and writes the file that tells it which node to read. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { reducedManifest, requireUrl, type ConfigurationFile } from "./src/reads/settings.js";
import { bundleTo } from "./vite.config.js";

/** Settings of the page; it asks its reader for omitted ones. */
export interface PublishOptions {
  readonly rpc?: string | undefined;
  /** File of a manifest. */
  readonly manifest?: string | undefined;
}

/** Writes the page as static files into a folder, which is emptied first. */
export async function publish(outDir: string, options: PublishOptions): Promise<void> {
  const configuration = configurationOf(options);
  if (!existsSync(path.join(import.meta.dirname, "..", "typechain-types")))
    throw new Error("The contracts are not built; run `npm run build` first.");
  const { build } = await import("vite"); // here, so that mistakes are told at once
  await build(bundleTo(outDir));
  writeFileSync(
    path.join(outDir, "config.json"),
    `${JSON.stringify(configuration, undefined, 2)}\n`,
  );
}

/** The file beside the page. @throws if the manifest or the address of the node is none. */
export function configurationOf({ rpc, manifest }: PublishOptions): ConfigurationFile {
  return {
    ...(rpc === undefined ? {} : { rpc: requireUrl(rpc) }),
    ...(manifest === undefined ? {} : { manifest: reducedManifest(readJson(manifest)) }),
  };
}

function readJson(file: string): unknown {
  if (!existsSync(file)) throw new Error(`There is no manifest at ${file}; deploy first.`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`The manifest at ${file} is not JSON.`, { cause: error });
  }
}
