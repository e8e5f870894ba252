/**
 * Shows a fleet at work: eight gateways as processes of their own on one PostgreSQL database. Clients repeat their
 * requests at other gateways, and gateways and the database are killed in the middle. The sums match to the unit.
 *
 *   npm run example:fleet [-- --requests 100000] [--gateways 8] [--kills 6] [--database-kills 2]
 *
 * Ends with exit code 1 if a sum does not match.
 */
import { parseArgs } from "node:util";

import hre from "hardhat";

import { runFleet } from "./fleet.js";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "2000" },
    gateways: { type: "string", default: "8" },
    kills: { type: "string", default: "6" },
    "database-kills": { type: "string", default: "2" },
  },
});

await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
const report = await runFleet({
  requests: Number(values.requests),
  gateways: Number(values.gateways),
  kills: Number(values.kills),
  databaseKills: Number(values["database-kills"]),
  log: (line) => {
    console.log(line);
  },
});
console.table(report.table);
for (const difference of report.differences) console.error(difference);
if (report.differences.length > 0) process.exitCode = 1;
else console.log("The sums match to the unit: each request was counted, settled and burned once.");
