/** Shared by the repository checks: the files of the project, and an error of one sentence. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A check that does not pass; the message is one sentence. */
export class CheckError extends Error {
  override readonly name = "CheckError";
}

/** Top folder of the project. */
export const ROOT = path.join(import.meta.dirname, "..", "..");

/** Paths that tools write and git ignores, from the top. */
const GENERATED = [
  ".env",
  ".git",
  "artifacts",
  "cache",
  "coverage",
  "dashboard/dist",
  "dist",
  "node_modules",
  "typechain-types",
];

/** Whether a tool wrote this path, so that git ignores it. */
export function isGenerated(file: string): boolean {
  return (
    GENERATED.includes(file) ||
    /^deploy\/deployments\/chain-31337[^/]*$/.test(file) ||
    /^out[^/]*\.json$|\.tgz$/.test(file)
  );
}

/** Paths of all files below `folder` that are part of the project, from the top and in order. */
export function listFiles(root: string, folder = ""): string[] {
  const start = path.join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { withFileTypes: true })
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (isGenerated(file)) return [];
      return entry.isDirectory() ? listFiles(root, file) : [file];
    })
    .sort();
}

/** Paths of the tests in TypeScript and Solidity, with their handlers and helpers. */
export function listTestFiles(root: string): string[] {
  return listFiles(root, "test").filter((file) => /\.(ts|sol)$/.test(file));
}

/** The text of a file that has to exist. */
export function readText(root: string, file: string): string {
  const full = path.join(root, file);
  if (!existsSync(full)) throw new CheckError(`${file} does not exist.`);
  return readFileSync(full, "utf8");
}

/** Names of the tests in a file: titles of `it` in TypeScript, test and invariant functions in Solidity. */
export function listTestNames(source: string): string[] {
  const titles = /\bit\(\s*(["'`])(.*?)(?<!\\)\1\s*,/gs;
  const functions = /\bfunction\s+((?:test|testFuzz|invariant)_\w+|afterInvariant)\s*\(/g;
  return [
    ...[...source.matchAll(titles)].map((match) => match[2] ?? ""),
    ...[...source.matchAll(functions)].map((match) => match[1] ?? ""),
  ];
}
