/**
 * Writes the golden EIP-712 vectors: `statements.json`, `StatementVectors.sol`, `receipts.json` and `attestations.json` of
 * `test/vectors`.
 *
 *   npm run vectors
 *
 * Run it only after an intended change of a message: the tests compare the library and the
 * contracts with the stored vectors. The keys are made up for this purpose and known to everybody.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { ROOT } from "./checks/files.js";
import { renderVectors } from "./checks/vectors.js";

const USAGE = {
  command: "vectors",
  summary:
    "Writes the golden EIP-712 vectors of test/vectors, after an intended change of a message.",
};

await runCommand(USAGE, async () => {
  for (const { file, content } of await renderVectors()) {
    await writeFile(path.join(ROOT, file), content);
    console.log(`${file} written`);
  }
});
