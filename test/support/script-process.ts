import path from "node:path";
import { pathToFileURL } from "node:url";

export const ROOT = path.join(import.meta.dirname, "..", "..");

/** Flags of Node.js with which package.json runs the commands of deployments, for a process in any folder. */
export const SCRIPT_FLAGS = [
  ...["--import", pathToFileURL(path.join(ROOT, "tools", "preload.mjs")).href],
  ...["--import", "tsx"],
] as const;
