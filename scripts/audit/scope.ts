/** Files in the scope of an audit with their lines of code, and the constants that bound the system. */
import path from "node:path";

import { CheckError, listFiles, readText } from "../checks/files.js";

/** A source of contracts/. */
export interface ScopeFile {
  readonly file: string;
  /** Lines with code: neither empty nor a comment. */
  readonly code: number;
  readonly kind: "contract" | "part" | "library" | "interface";
}

/** A public constant. */
export interface Constant {
  readonly contract: string;
  readonly name: string;
  /** Expression of the source. */
  readonly value: string;
  readonly meaning: string;
}

/** Every source of contracts/, in order. */
export function readScope(root: string): ScopeFile[] {
  return listSolidity(root).map((file) => {
    const source = readText(root, file);
    return { file, code: countCode(source), kind: kindOf(file, source) };
  });
}

/** Lines with code of a Solidity source. */
export function countCode(source: string): number {
  const token = /"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return source
    .replace(token, (text) => (text.startsWith("/") ? text.replace(/[^\n]/g, "") : text))
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

/** Public constants with a number, each with the first sentence of its documentation. */
export function readConstants(root: string): Constant[] {
  const files = listSolidity(root);
  const meanings = new Map<string, string>();
  for (const file of files.filter((name) => name.includes("/interfaces/"))) {
    const source = readText(root, file);
    for (const [, notice = "", name = ""] of source.matchAll(
      /\/\/\/ @notice ((?:[^\n]*\n\s*\/\/\/ (?!@))*[^\n]*)\n(?:\s*\/\/\/[^\n]*\n)*\s*function ([A-Z][A-Z_0-9]+)\(\)/g,
    )) {
      meanings.set(`${path.posix.basename(file, ".sol")}.${name}`, tidy(notice));
    }
  }

  const constants: Constant[] = [];
  for (const file of files.filter((name) => !name.includes("/interfaces/"))) {
    const source = readText(root, file);
    for (const [all, comment = "", name = "", value = ""] of source.matchAll(
      /((?:^ *\/\/\/[^\n]*\n)+) *u?int\d+ public constant (\w+) = ([^;]+);/gm,
    )) {
      const [, owner = ""] = /@inheritdoc (\w+)/.exec(comment) ?? [];
      const [, notice = ""] = /@notice ([\s\S]*)/.exec(comment) ?? [];
      const meaning = owner === "" ? tidy(notice) : meanings.get(`${owner}.${name}`);
      if (!meaning) throw new CheckError(`${file} does not document ${name}: ${all.trim()}`);
      const contract = path.posix.basename(file, ".sol");
      constants.push({ contract, name, value: value.replace(/\s+/g, " "), meaning });
    }
  }
  return constants;
}

function listSolidity(root: string): string[] {
  return listFiles(root, "contracts").filter((file) => file.endsWith(".sol"));
}

function kindOf(file: string, source: string): ScopeFile["kind"] {
  if (file.includes("/interfaces/")) return "interface";
  if (/^library /m.test(source)) return "library";
  return /^contract /m.test(source) ? "contract" : "part";
}

/** The first sentence of NatSpec lines. */
function tidy(notice: string): string {
  const text = notice.replace(/\n\s*\/\/\/ ?/g, " ").trim();
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}
