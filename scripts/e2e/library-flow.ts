/**
 * Flow of an integrator with the library on any chain: credit, a provider, use, statements,
 * settlement, and the sums.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import {
  HDNodeWallet,
  ZeroAddress,
  type ContractTransactionResponse,
  type JsonRpcProvider,
} from "ethers";

import type { Manifest } from "../../deploy/lib/manifest.js";
import {
  addressIn,
  categoryMask,
  connectContracts,
  readDeployment,
  readEpoch,
  readPrices,
  Settler,
  signStatement,
  usesOf,
  type Contracts,
  type Use,
} from "../../sdk/index.js";
import { JournalStore } from "../../sdk/node/index.js";
import { OPA } from "../../sdk/units.js";
import { NodeRegistry__factory } from "../../typechain-types/index.js";

/** Accounts of the phrase that everybody knows; the first one holds OPA. */
const ACCOUNTS = { sponsor: 8, consumer: 15, provider: 16, submitter: 17 };
const [INPUT, OUTPUT] = [1n, 2n]; // ids of resources
const TABLE = { input: INPUT, cacheRead: INPUT, output: OUTPUT, reasoning: OUTPUT };
const CALLS = 25;
const CREDIT = 1_000n * OPA;

/** Settled use of the flow. */
export interface Settled {
  calls: number;
  /** OPA wei. */
  burned: bigint;
  gas: bigint;
}

/**
 * Meters calls, settles them in two rounds, and compares burns with the sum of use; throws if they
 * differ.
 */
export async function runLibraryFlow(
  provider: JsonRpcProvider,
  phrase: string,
  manifest: Manifest,
): Promise<Settled> {
  const actor = (name: keyof typeof ACCOUNTS) =>
    HDNodeWallet.fromPhrase(phrase, undefined, `m/44'/60'/0'/0/${ACCOUNTS[name]}`).connect(
      provider,
    );
  const [consumer, submitter, node] = [actor("consumer"), actor("submitter"), actor("provider")];
  const deployment = readDeployment(manifest);
  const settlement = addressIn(deployment, "Settlement");
  const contracts = await connectContracts(settlement, submitter);
  await enter(contracts, manifest, { sponsor: actor("sponsor"), consumer, node });

  const folder = await mkdtemp(path.join(os.tmpdir(), "opa-flow-"));
  const file = path.join(folder, "journal");
  const store = await JournalStore.open({ file, chainId: deployment.chainId, settlement });
  const settler = new Settler({
    store,
    contracts,
    sender: submitter,
    sign: (statement, _, domain) => signStatement(consumer, domain, statement),
  });
  try {
    const supply = await contracts.token.totalSupply();
    const account = consumer.address;
    let [due, gas] = [0n, 0n];
    for (const first of [0, CALLS]) {
      const { number: epoch } = await readEpoch(contracts);
      const prices = await pricesOf(contracts, epoch);
      for (let i = first; i < first + CALLS; i++) {
        const uses = useOf(i);
        await store.record({ name: `call-${i}`, account, provider: node.address, epoch, uses });
        for (const { resource, units } of uses) due += units * (prices.get(resource) ?? 0n);
      }
      const round = await settler.settle();
      if (round.problems.length > 0) throw new Error(JSON.stringify(round.problems));
      gas += round.gas;
    }
    const burned = supply - (await contracts.token.totalSupply());
    if (burned !== due) throw new Error(`${due} wei were used, and ${burned} wei burned.`);

    const idle = await settler.settle();
    if (idle.transactions.length > 0) throw new Error("A round without use sent something.");
    return { calls: 2 * CALLS, burned, gas };
  } finally {
    await settler.stop();
    await store.close();
    await rm(folder, { recursive: true });
  }
}

/** Gives a consumer credit, and registers a provider of inference with the stake that it asks for. */
async function enter(
  { meter, token }: Contracts,
  { contracts }: Manifest,
  actors: Record<"sponsor" | "consumer" | "node", HDNodeWallet>,
): Promise<void> {
  const { sponsor, consumer, node } = actors;
  const nodes = NodeRegistry__factory.connect(contracts.NodeRegistry.address, node);
  const stake = await nodes.minimumStakeFor(categoryMask("Inference"));
  await send(token.connect(sponsor).transfer(node, stake));
  await send(token.connect(node).approve(nodes, stake));
  await send(nodes.register(stake, categoryMask("Inference"), ZeroAddress, ""));
  await send(token.connect(sponsor).transfer(consumer, CREDIT));
  await send(token.connect(consumer).approve(meter, CREDIT));
  await send(meter.connect(consumer).deposit(consumer, CREDIT));
}

/** OPA wei for a unit of each resource in an epoch. */
async function pricesOf(contracts: Contracts, epoch: bigint): Promise<Map<bigint, bigint>> {
  const prices = new Map<bigint, bigint>();
  for (const resource of [INPUT, OUTPUT]) {
    const price = (await readPrices(contracts, resource)).get(epoch);
    if (price === undefined) throw new Error(`Resource ${resource} has no price.`);
    prices.set(resource, price);
  }
  return prices;
}

/** Use as a vendor reports it, made up. */
function useOf(i: number): Use[] {
  const [prompt, completion] = [100 + 7 * i, 20 + 3 * i];
  return usesOf(
    {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: i },
    },
    TABLE,
  );
}

async function send(sent: Promise<ContractTransactionResponse>): Promise<void> {
  await (await sent).wait();
}
