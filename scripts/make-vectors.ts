/**
 * Writes the golden EIP-712 vectors, `test/vectors/statements.json` and `test/vectors/StatementVectors.sol`.
 *
 *   npx tsx scripts/make-vectors.ts
 *
 * Run it only when the statement's definition is meant to change: the tests hold the library and the contracts
 * against what was written before. The keys are made up for this purpose and known to everybody.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { makeVectors, renderJson, renderSolidity } from "./lib/vectors.js";

const folder = path.join(import.meta.dirname, "..", "test", "vectors");

const vectors = await makeVectors();
await writeFile(path.join(folder, "statements.json"), renderJson(vectors));
await writeFile(path.join(folder, "StatementVectors.sol"), await renderSolidity(vectors));
console.log(`${vectors.length} vectors written`);
