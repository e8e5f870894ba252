import { Pool } from "pg";

import { PostgresStore } from "../../sdk/node/index.js";
import { CHAIN_ID, SETTLEMENT } from "./behaviours/meter-store.js";

/** A process that has the settler's place of a schema, and says when it is elected and when it has lost the place. */
const [, , connectionString = "", schema = ""] = process.argv;
const store = await PostgresStore.open({
  ...{ pool: new Pool({ connectionString }), chainId: CHAIN_ID, settlement: SETTLEMENT, schema },
  leaderSilence: 2_000,
});
const leadership = await store.elect();
if (!leadership) throw new Error("The place is taken.");
process.send?.("elected");
while (await leadership.isHeld()) await new Promise((resolve) => setTimeout(resolve, 200));
process.send?.("lost");
