import { PostgresStore } from "../../sdk/postgres/postgres-store.js";
import {
  CHAIN_ID,
  SETTLEMENT,
  shouldBehaveLikeMeterStore,
} from "../support/behaviours/meter-store.js";
import { PostgresServer } from "../../examples/fleet/postgres-server.js";

describe("PostgresStore (INT-6)", function () {
  let server: PostgresServer;
  let schemas = 0;
  const opened: PostgresStore[] = [];

  before(async function () {
    server = await PostgresServer.start();
  });

  afterEach(async function () {
    for (const store of opened.splice(0)) await store.close();
  });

  after(async function () {
    await server.stop();
  });

  async function open(schema: string, latest?: bigint) {
    const store = await PostgresStore.open({
      pool: server.pool({ max: 4 }),
      chainId: CHAIN_ID,
      settlement: SETTLEMENT,
      schema,
      ...(latest !== undefined && { latestEpoch: () => latest }),
    });
    opened.push(store);
    return store;
  }

  shouldBehaveLikeMeterStore(async ({ latest } = {}) => {
    schemas += 1;
    const schema = `store_${schemas}`;
    return { store: await open(schema, latest), restart: () => open(schema, latest) };
  });
});
