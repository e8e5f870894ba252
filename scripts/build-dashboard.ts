/**
 * Writes the page as static files, which any file server can serve under any path.
 *
 *   npm run dashboard:build -- [--out FOLDER] [--rpc URL] [--manifest FILE]
 */
import path from "node:path";

import { runCommand } from "../tools/command.js";

const OUT = path.join("dashboard", "dist");

const USAGE = {
  command: "dashboard:build",
  summary: "Writes the page as static files, which any file server can serve under any path.",
  options: {
    out: { value: "FOLDER", help: `folder to write, which is emptied first (${OUT})` },
    rpc: { value: "URL", help: "node that the page reads; left out, the page asks its reader" },
    manifest: {
      value: "FILE",
      help: "manifest of the deployment; left out, the page asks its reader",
    },
  },
} as const;

await runCommand(USAGE, async ({ out = OUT, rpc, manifest }) => {
  const folder = path.resolve(out);
  const { publish } = await import("../dashboard/publish.js"); // so that help and mistakes are told at once
  await publish(folder, { rpc, manifest });
  console.log(`The page is written to ${path.relative(process.cwd(), folder)}.`);
});
