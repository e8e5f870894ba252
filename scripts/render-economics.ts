/**
 * Writes the tables of docs/economics.md from the parameter files.
 *
 *   npm run economics
 */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { ECONOMICS_DOCUMENT, renderEconomicsDocument } from "./checks/economics.js";
import { ROOT } from "./checks/files.js";

writeFileSync(path.join(ROOT, ECONOMICS_DOCUMENT), await renderEconomicsDocument(ROOT));
console.log(`${ECONOMICS_DOCUMENT} is written.`);
