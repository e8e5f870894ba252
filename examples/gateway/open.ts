import { mkdir } from "node:fs/promises";
import path from "node:path";

import { FetchRequest, JsonRpcProvider, Wallet } from "ethers";
import pg from "pg";

import {
  authorize,
  connectContracts,
  domainOf,
  readMandate,
  reasonOf,
  type Contracts,
} from "../../sdk/index.js";
import {
  JournalStore,
  PostgresStore,
  type LineKey,
  type MeterStore,
} from "../../sdk/node/index.js";
import { Chain } from "./chain.js";
import { Consumers } from "./consumers.js";
import { Gate } from "./gate.js";
import { Gateway, type ServedModel } from "./gateway.js";
import { Metrics } from "./metrics.js";
import { StandIn } from "./models/stand-in.js";
import { Upstream } from "./models/upstream.js";
import type { ModelSettings, Settings } from "./settings.js";
import { Settling } from "./settling.js";

/** A gateway at work. */
export interface OpenGateway {
  readonly gateway: Gateway;
  /** Settles served use, and gives the store back. Nothing may be served any more. */
  readonly close: () => Promise<void>;
}

const POLLING = 250; // milliseconds
const KEEP_ALIVE = 10_000;

/** Opens a gateway: connects to the chain and the store, and begins to settle open use. */
export async function openGateway(
  settings: Settings,
  options: { readonly log: (line: string) => void; readonly onFailure: (error: Error) => void },
): Promise<OpenGateway> {
  const { log, onFailure } = options;
  const consumers = new Consumers(settings.consumers);
  const request = new FetchRequest(settings.rpcUrl);
  request.timeout = settings.rpcTimeout;
  const provider = new JsonRpcProvider(request, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = POLLING;
  const sender = new Wallet(settings.submitterKey, provider);
  const contracts = await connectContracts(settings.settlement, sender);
  const domain = await domainOf(contracts.settlement);
  const resources = Object.values(settings.resources).filter((id) => typeof id === "bigint");
  const chain = await Chain.open(contracts, {
    ...{ resources: [...new Set(resources)], maxClockLead: settings.maxClockLead },
  });
  const { chainId, verifyingContract } = domain;
  const { store, end } = await openStore(settings, {
    ...{ chainId, settlement: verifyingContract, latestEpoch: chain.latestEpoch },
  });
  try {
    const lines = linesOf(settings);
    if (store.isNew) await adoptAll(lines, contracts, store);
    const metrics = new Metrics();
    metrics.watch(store, chain);
    const gate = new Gate({
      ...{ chain, store, believeFor: settings.authorizeFor },
      ask: {
        authorize: async (request) => (await authorize(contracts, request)).reason,
        mandate: (account, provider) => readMandate(contracts, account, provider),
        keyReason: async (account, signer) =>
          reasonOf((await contracts.meter.fundsOf(account, signer)).reason),
      },
    });
    const settling = new Settling(
      {
        ...{ store, chain, gate, metrics, consumers, contracts, sender, lines, log },
        ...{ gasCap: settings.gasCap, maxRaise: BigInt(settings.maxFeeRaise) },
      },
      settings.settleEvery,
    );
    await settling.watch(); // an old copy of a store notices here that the chain has more
    settling.start();
    const gateway = new Gateway({
      ...{ store, chain, gate, metrics, consumers, resources: settings.resources, onFailure },
      models: settings.models.map(openModel),
      limits: { perProvider: settings.limitPerProvider, perAccount: settings.limitPerAccount },
      lease: settings.lease,
      settle: () => settling.settle(),
    });
    const close = async () => {
      try {
        await settling.stop();
      } finally {
        await end();
        provider.destroy();
      }
    };
    return { gateway, close };
  } catch (error) {
    await end();
    provider.destroy();
    throw error;
  }
}

interface Deployment {
  readonly chainId: bigint;
  readonly settlement: string;
  readonly latestEpoch: () => bigint;
}

async function openStore(
  { store: settings }: Settings,
  deployment: Deployment,
): Promise<{ store: MeterStore; end: () => Promise<void> }> {
  if (settings.kind === "journal") {
    await mkdir(settings.folder, { recursive: true });
    const file = path.join(settings.folder, "meter.journal");
    const store = await JournalStore.open({ file, ...deployment });
    return { store, end: () => store.close() };
  }
  const pool = new pg.Pool({
    connectionString: settings.url,
    keepAlive: true, // notices a server that is gone
    keepAliveInitialDelayMillis: KEEP_ALIVE,
  });
  pool.on("error", () => undefined); // an idle connection that broke is replaced
  const store = await PostgresStore.open({ pool, schema: settings.schema, ...deployment });
  const end = async () => {
    await store.close();
    await pool.end();
  };
  return { store, end };
}

/** Every line that the consumers can have with the models' providers. */
function linesOf({ consumers, models, resources }: Settings): LineKey[] {
  const accounts = [...new Set(consumers.map(({ account }) => account))];
  const providers = [...new Set(models.map(({ provider }) => provider))];
  const ids = [...new Set(Object.values(resources).filter((id) => typeof id === "bigint"))];
  return accounts.flatMap((account) =>
    providers.flatMap((provider) => ids.map((resource) => ({ account, provider, resource }))),
  );
}

/**
 * Begins where the chain is: everything that is settled already was metered elsewhere, or by a store that is lost. No event
 * has to be read for that, since the lines are known.
 */
async function adoptAll(
  lines: readonly LineKey[],
  { meter }: Contracts,
  store: MeterStore,
): Promise<void> {
  for (const { account, provider, resource } of lines) {
    const { cumulativeUnits: total } = await meter.lineOf(account, provider, resource);
    if (total > 0n) await store.adopt({ account, provider, resource, total }, "elsewhere");
  }
}

function openModel(settings: ModelSettings): ServedModel {
  const { name, provider } = settings;
  const model = settings.kind === "stand-in" ? new StandIn(settings) : new Upstream(settings);
  return { name, provider, model };
}
