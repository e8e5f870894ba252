/** Folders under contracts/ import one another in one direction only. */
import path from "node:path";

import { CheckError, listFiles, readText } from "./files.js";

const CONTRACTS = "contracts";

/** Reads the imports of every contract and looks for a circle of folders. */
export function checkSolidityImports(root: string): string {
  const graph = new Map<string, Set<string>>();
  for (const file of listFiles(root, CONTRACTS).filter((name) => name.endsWith(".sol"))) {
    const from = folderOf(file);
    for (const target of importsOf(readText(root, file))) {
      const to = folderOf(path.posix.join(path.posix.dirname(file), target));
      if (to !== from) (graph.get(from) ?? graph.set(from, new Set()).get(from))?.add(to);
    }
  }

  for (const folder of graph.keys()) {
    const circle = findCircle(graph, [folder]);
    if (circle) throw new CheckError(`Folders import each other: ${circle.join(" → ")}.`);
  }
  const arrows = [...graph.values()].reduce((sum, targets) => sum + targets.size, 0);
  return `${arrows} arrows between folders of ${CONTRACTS}/ and no circle`;
}

/** Folder below contracts/ in which a file stands; `interfaces/types` belongs to `interfaces`. */
function folderOf(file: string): string {
  return file.split("/")[1] ?? "";
}

/** Relative imports of a Solidity source. */
function importsOf(source: string): string[] {
  return [...source.matchAll(/^import [^;]*?"(\.[^"]+)";/gms)].map((match) => match[1] ?? "");
}

/** A way from the first folder of `walk` back to itself, if there is one. */
function findCircle(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  walk: readonly string[],
): readonly string[] | undefined {
  const [start = ""] = walk;
  for (const next of graph.get(walk.at(-1) ?? "") ?? []) {
    if (next === start) return [...walk, next];
    const circle = walk.includes(next) ? undefined : findCircle(graph, [...walk, next]);
    if (circle) return circle;
  }
  return undefined;
}
