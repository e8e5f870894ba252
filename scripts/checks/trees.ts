/** Each leaf of a `X.<function>.tree` has its test in the `X.test.ts` beside it. */
import path from "node:path";

import { CheckError, listFiles, listTestNames, readText } from "./files.js";

/** Compares every tree with its test file. */
export function checkTrees(root: string): string {
  const trees = listFiles(root, "test").filter((file) => file.endsWith(".tree"));
  let leaves = 0;
  for (const tree of trees) {
    const [contract = ""] = path.basename(tree).split(".");
    const file = path.posix.join(path.dirname(tree), `${contract}.test.ts`);
    const names = listTestNames(readText(root, file));
    const expected = listLeaves(readText(root, tree));
    const missing = expected.find((leaf) => !names.includes(leaf));
    if (missing !== undefined) {
      throw new CheckError(`${tree} has the leaf "${missing}", which ${file} does not test.`);
    }
    if (expected.length === 0) throw new CheckError(`${tree} has no leaf.`);
    leaves += expected.length;
  }
  if (trees.length === 0) throw new CheckError("There is no tree below test/.");
  return `${leaves} leaves of ${trees.length} trees have their test`;
}

/** Title of `it` for each leaf of a tree. */
function listLeaves(text: string): string[] {
  return [...text.matchAll(/^[│├└─\s]*\bit (.+?)\s*$/gm)].map((match) => match[1] ?? "");
}
