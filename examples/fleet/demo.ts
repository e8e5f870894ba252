/**
 * Shows a fleet at work: eight gateways as processes of their own on one PostgreSQL database. Clients repeat their
 * requests at other gateways. Gateways are killed and frozen and the database is killed in the middle. The sums match to the
 * unit.
 *
 *   npm run example:fleet [-- --requests 100000] [--gateways 8] [--kills 6] [--database-kills 2] [--freezes 2]
 *
 * Ends with exit code 1 if a sum does not match.
 */
import hre from "hardhat";

import { readCount, runCommand } from "../../tools/command.js";
import { runFleet } from "./fleet.js";

const USAGE = {
  command: "example:fleet",
  summary:
    "Shows a fleet of gateways on one PostgreSQL database that are killed and frozen, like the database, in the middle.",
  options: {
    requests: { value: "N", help: "requests of all clients (2000)" },
    gateways: { value: "N", help: "gateways, each a process of its own (8)" },
    kills: { value: "N", help: "gateways that are killed, 0 for none (6)" },
    freezes: { value: "N", help: "gateways that are frozen for a while, 0 for none (2)" },
    "database-kills": { value: "N", help: "times that the database is killed, 0 for none (2)" },
  },
} as const;

await runCommand(USAGE, async (values) => {
  const { requests = "2000", gateways = "8", kills = "6" } = values;
  const { "database-kills": databaseKills = "2", freezes = "2" } = values;
  const options = {
    requests: readCount(requests, "--requests", 10_000_000),
    gateways: readCount(gateways, "--gateways", 64),
    kills: readKills(kills, "--kills"),
    databaseKills: readKills(databaseKills, "--database-kills"),
    freezes: readKills(freezes, "--freezes"),
  };
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const report = await runFleet({
    ...options,
    log: (line) => {
      console.log(line);
    },
  });
  console.table(report.table);
  for (const difference of report.differences) console.error(difference);
  if (report.differences.length > 0) return 1;
  console.log("The sums match to the unit: each request was counted, settled and burned once.");
  return 0;
});

function readKills(text: string, option: string): number {
  return text === "0" ? 0 : readCount(text, option, 1_000);
}
