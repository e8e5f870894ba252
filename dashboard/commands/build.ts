/**
 * Writes the page as static files, which any file server can serve under any path.
 *
 *   npm run dashboard:build -- [--out FOLDER] [--rpc URL] [--manifest FILE]
 */
import path from "node:path";

import { Command } from "@commander-js/extra-typings";

import { publish } from "./publish.js";
import { runCommand } from "./run.js";

const DEFAULT_OUT = path.join("dashboard", "dist");

const command = new Command("npm run dashboard:build --")
  .description("Write the page as static files, which any file server can serve under any path.")
  .option("--out <folder>", "folder to write; it is emptied first", DEFAULT_OUT)
  .option("--rpc <url>", "node that the page reads; left out, it asks its reader")
  .option("--manifest <file>", "manifest of the deployment; left out, it asks its reader")
  .action(async ({ out, rpc, manifest }) => {
    const folder = path.resolve(out);
    await publish(folder, { rpc, manifest });
    console.log(`The page is written to ${path.relative(process.cwd(), folder)}.`);
  });

await runCommand(command);
