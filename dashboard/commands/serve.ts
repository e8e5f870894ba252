/**
 * Serves the page on this machine.
 *
 *   npm run dashboard -- [--rpc URL] [--manifest FILE] [--port N]
 */
import { existsSync } from "node:fs";
import path from "node:path";

import { Command } from "@commander-js/extra-typings";
import { preview } from "vite";

import { bundleTo } from "../vite.config.js";
import { publish } from "./publish.js";
import { portIn, runCommand } from "./run.js";

/** Where the page is bundled to: no file of a reader is replaced. */
const FOLDER = path.resolve("cache", "dashboard");

const LOCAL_MANIFEST = path.join("deploy", "deployments", "chain-31337", "manifest.json");

const command = new Command("npm run dashboard --")
  .description("Serve the page that shows a deployment live, on this machine alone.")
  .option("--rpc <url>", "node that the page reads", "http://127.0.0.1:8545")
  .option("--manifest <file>", `manifest of the deployment (default: ${LOCAL_MANIFEST})`)
  .option("--port <number>", "port to serve on; 0 takes any free one", portIn, 4_173)
  .action(async ({ rpc, manifest, port }) => {
    const found = manifest ?? (existsSync(LOCAL_MANIFEST) ? LOCAL_MANIFEST : undefined);
    console.log("The page is being bundled…");
    await publish(FOLDER, { rpc, manifest: found });
    const server = await preview({
      ...bundleTo(FOLDER),
      preview: { host: "127.0.0.1", port, strictPort: true },
    });
    if (found === undefined)
      console.log("There is no local deployment, so the page asks for a manifest.");
    console.log(`The page reads ${rpc} and is served at ${server.resolvedUrls?.local[0] ?? ""}`);
    console.log("Press Ctrl+C to end it.");
  });

await runCommand(command);
