/**
 * Writes the golden EIP-712 vectors: `statements.json`, `StatementVectors.sol`, `receipts.json` and `attestations.json` of
 * `test/vectors`.
 *
 *   npx tsx scripts/make-vectors.ts
 *
 * Run it only after an intended change of a message: the tests compare the library and the
 * contracts with the stored vectors. The keys are made up for this purpose and known to everybody.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { requireNoArguments } from "./checks/files.js";
import { renderVectors } from "./checks/vectors.js";

requireNoArguments();

const root = path.join(import.meta.dirname, "..");

for (const { file, content } of await renderVectors()) {
  await writeFile(path.join(root, file), content);
  console.log(`${file} written`);
}
