/** Provenance of the contracts here: compiler, and commit of their sources. */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";

import hre from "hardhat";

import { CONTRACTS } from "./manifest.js";

/** A compiler and those of its settings that decide about code. */
export interface Compiler {
  version: string;
  settings: string;
}

const compilers = new Map<string, Compiler>();
let commit: string | undefined;

/** The compiler of the artifacts; empty if they do not tell. */
export async function readCompiler(): Promise<Compiler> {
  const id = await hre.artifacts.getBuildInfoId(CONTRACTS.token);
  const file = id === undefined ? undefined : await hre.artifacts.getBuildInfoPath(id);
  if (file === undefined) return { version: "", settings: "" };

  const known = compilers.get(file);
  if (known !== undefined) return known;
  const info = JSON.parse(await readFile(file, "utf8")) as {
    solcLongVersion: string;
    input: { settings: { optimizer?: unknown; viaIR?: boolean; evmVersion?: string } };
  };
  const { optimizer, viaIR, evmVersion } = info.input.settings;
  const settings = JSON.stringify({ optimizer, viaIR, evmVersion });
  const compiler = { version: info.solcLongVersion, settings };
  compilers.set(file, compiler);
  return compiler;
}

/** The commit that is checked out, with a plus sign if contracts differ from it; empty outside of a repository. */
export function readCommit(): string {
  if (commit !== undefined) return commit;
  try {
    commit = git("rev-parse", "HEAD") + (git("status", "--porcelain", "contracts") ? "+" : "");
  } catch {
    commit = ""; // no repository, or no git
  }
  return commit;
}

/** Whether the repository here has a commit; true where there is no repository to ask. */
export function isKnownCommit(name: string): boolean {
  const own = readCommit();
  if (own === "" || own === name) return true;
  try {
    git("cat-file", "-e", `${name.replace(/\+$/, "")}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

function git(...args: string[]): string {
  const options = {
    cwd: hre.config.paths.root,
    stdio: ["ignore", "pipe", "ignore"] as ["ignore", "pipe", "ignore"],
  };
  return execFileSync("git", args, options).toString().trim();
}
