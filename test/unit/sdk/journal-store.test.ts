import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { JournalStore } from "../../../sdk/disk/journal-store.js";
import {
  CHAIN_ID,
  SETTLEMENT,
  shouldBehaveLikeMeterStore,
} from "../../support/behaviours/meter-store.js";

describe("JournalStore (INT-6)", function () {
  let folder: string;
  let files = 0;
  const opened: JournalStore[] = [];

  before(async function () {
    folder = await mkdtemp(path.join(tmpdir(), "opa-store-"));
  });

  afterEach(async function () {
    for (const store of opened.splice(0)) await store.close();
  });

  after(async function () {
    await rm(folder, { recursive: true, force: true });
  });

  async function open(file: string, latest?: bigint) {
    const bound = latest !== undefined && { latestEpoch: () => latest };
    const store = await JournalStore.open({
      file,
      chainId: CHAIN_ID,
      settlement: SETTLEMENT,
      ...bound,
    });
    opened.push(store);
    return store;
  }

  shouldBehaveLikeMeterStore(async ({ latest } = {}) => {
    files += 1;
    const file = path.join(folder, `store-${files}`);
    const store = await open(file, latest);
    return {
      store,
      restart: async () => {
        await store.close();
        return open(file, latest);
      },
    };
  });
});
