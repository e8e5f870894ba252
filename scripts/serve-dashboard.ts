/**
 * Serves the page that shows a deployment live, on this machine alone.
 *
 *   npm run dashboard -- [--rpc URL] [--manifest FILE] [--port N]
 */
import { existsSync } from "node:fs";
import path from "node:path";

import { bundleTo } from "../dashboard/vite.config.js";
import { runCommand } from "../tools/command.js";
import { isFree, LOCAL_HOST, readPort } from "./node/port.js";

/** Where the page is bundled to: no file of a reader is replaced. */
const FOLDER = path.resolve("cache", "dashboard");

const LOCAL_MANIFEST = path.join("deploy", "deployments", "chain-31337", "manifest.json");

const RPC = "http://127.0.0.1:8545";

const USAGE = {
  command: "dashboard",
  summary: "Serves the page that shows a deployment live, on this machine alone.",
  options: {
    rpc: { value: "URL", help: `node that the page reads (${RPC})` },
    manifest: { value: "FILE", help: "manifest of the deployment (that of the local chain)" },
    port: { value: "N", help: "port of this machine, 0 for any free one (4173)" },
  },
} as const;

await runCommand(USAGE, async ({ rpc = RPC, manifest, port: text = "4173" }) => {
  const port = readPort(text, 0);
  if (port !== 0 && !(await isFree(port)))
    throw new Error(`Port ${port} is taken; end what uses it, or name another one with --port.`);
  const found = manifest ?? (existsSync(LOCAL_MANIFEST) ? LOCAL_MANIFEST : undefined);
  console.log("The page is being bundled.");
  // Loaded here, so that help and mistakes are told at once.
  const [{ preview }, { publish }] = await Promise.all([
    import("vite"),
    import("../dashboard/publish.js"),
  ]);
  await publish(FOLDER, { rpc, manifest: found });
  const server = await preview({
    ...bundleTo(FOLDER),
    preview: { host: LOCAL_HOST, port, strictPort: true },
  });
  if (found === undefined)
    console.log("There is no local deployment, so the page asks for a manifest.");
  console.log(`The page reads ${rpc} and is served at ${server.resolvedUrls?.local[0] ?? ""}`);
  console.log("Ctrl-C ends it.");
});
