import {
  encodeBytes32String,
  HDNodeWallet,
  id,
  JsonRpcProvider,
  Wallet,
  ZeroAddress,
} from "ethers";
import type { ContractTransactionResponse } from "ethers";

import type { Deployment } from "../../deploy/lib/deploy.js";
import { BATCH_GAS, categoryMask, KEY_ROLES } from "../../sdk/index.js";
import { hashApiKey } from "./consumers.js";
import type { ModelSettings, Settings } from "./settings.js";

/** A consumer's key and its limit. */
export type KeyPlan = {
  /** Name of its consumer. */
  readonly name: string;
} & (
  | {
      /** OPA wei per epoch, as a key of the organisation's project. */
      readonly epochLimit: bigint;
    }
  | {
      /** OPA wei at each provider for a year, by a mandate, without being a key of the organisation. */
      readonly mandate: bigint;
    }
);

/** Settings of the gateway, and API keys for its callers. */
export interface Market {
  readonly settings: Settings;
  /** API keys by the name of the consumer. */
  readonly apiKeys: Readonly<Record<string, string>>;
  readonly account: string;
  readonly provider: JsonRpcProvider;
}

/** Phrase of the accounts of every local node, known to everybody. */
const DEVELOPMENT_PHRASE = `${"test ".repeat(11)}junk`;
const ACCOUNTS = { sponsor: 8, organisation: 10, submitter: 11, small: 12, large: 13 };
const YEAR = 31_536_000n;
const OPA = 10n ** 18n;

/** Puts a market on a local chain: an organisation with a project and keys, two providers, and credit. */
export async function openMarket(
  deployment: Deployment,
  options: {
    readonly rpcUrl: string;
    readonly dataFolder: string;
    readonly credit: bigint;
    readonly keys: readonly KeyPlan[];
    /** Settings that differ from the example. */
    readonly changes?: Partial<Settings>;
  },
): Promise<Market> {
  const { rpcUrl, dataFolder, credit, keys } = options;
  const provider = new JsonRpcProvider(rpcUrl, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
  const actor = (name: keyof typeof ACCOUNTS) =>
    HDNodeWallet.fromPhrase(
      DEVELOPMENT_PHRASE,
      undefined,
      `m/44'/60'/0'/0/${ACCOUNTS[name]}`,
    ).connect(provider);
  const [sponsor, organisation] = [actor("sponsor"), actor("organisation")];
  const account = organisation.address;

  await depositFor(deployment, sponsor, account, credit);
  for (const name of ["small", "large"] as const) await stakeFor(deployment, sponsor, actor(name));

  const meter = deployment.meter.connect(organisation);
  const block = await provider.getBlock("latest");
  const limits = {
    epochLimit: credit,
    totalLimit: credit,
    expiresAt: BigInt(block?.timestamp ?? 0) + YEAR,
    categories: categoryMask("Inference"),
  };
  await send(meter.openProject(account, limits));
  const project = 1;
  const consumers = [];
  const apiKeys: Record<string, string> = {};
  for (const plan of keys) {
    const { name } = plan;
    const signer = new Wallet(id(`signing key of ${name}`));
    if ("mandate" in plan)
      for (const provider of [actor("small"), actor("large")])
        await send(meter.reserve(account, provider, signer, plan.mandate, limits.expiresAt));
    else {
      const own = { ...limits, epochLimit: plan.epochLimit };
      await send(meter.setKey(account, signer, project, SPENDER, own));
    }
    const apiKey = `example-${id(`API key of ${name}`).slice(2, 34)}`;
    apiKeys[name] = apiKey;
    const apiKeySha256 = hashApiKey(apiKey);
    consumers.push({ name, apiKeySha256, account, signerKey: signer.privateKey });
  }

  const settings: Settings = {
    rpcUrl,
    settlement: deployment.addresses.settlement,
    store: { kind: "journal", folder: dataFolder },
    host: "127.0.0.1",
    port: 0,
    submitterKey: actor("submitter").privateKey,
    limitPerProvider: 400n * OPA,
    limitPerAccount: 400n * OPA,
    rpcTimeout: 15_000,
    gasCap: BATCH_GAS,
    maxFeeRaise: 6,
    settleEvery: 5_000,
    authorizeFor: 2_000,
    maxClockLead: 10 * Number(YEAR), // the time of a local chain is moved
    lease: 60_000,
    requireIdempotencyKey: false,
    resources: { input: 1n, cacheRead: 1n, output: 2n, reasoning: 2n },
    models: [
      standIn("stand-in-small", actor("small"), { delay: 20, reasoning: false }),
      standIn("stand-in-large", actor("large"), { delay: 60, reasoning: true }),
    ],
    consumers,
    ...options.changes,
  };
  return { settings, apiKeys, account, provider };
}

const SPENDER = KEY_ROLES.Spender;

/** Settings of a model that is made up. */
function standIn(
  name: string,
  { address }: HDNodeWallet,
  manner: { readonly delay: number; readonly reasoning: boolean },
): ModelSettings {
  return { kind: "stand-in", name, provider: address, maxTokens: 4_096, ...manner };
}

/** Credits an account from the tokens that the local parameters set aside for newcomers. */
async function depositFor(
  { genesis, vault, token, meter }: Deployment,
  sponsor: HDNodeWallet,
  account: string,
  amount: bigint,
): Promise<void> {
  const label = encodeBytes32String("onboarding");
  const [granted] = await genesis.queryFilter(genesis.filters.AllocationScheduled(label));
  if (!granted) throw new Error('The parameters have no allocation called "onboarding".');
  await send(vault.connect(sponsor).claim(granted.args.scheduleId));
  await send(token.connect(sponsor).approve(meter, amount));
  await send(meter.connect(sponsor).deposit(account, amount));
}

/** Registers a provider of inference, with the stake that it asks for. */
async function stakeFor(
  { token, nodes }: Deployment,
  sponsor: HDNodeWallet,
  provider: HDNodeWallet,
): Promise<void> {
  const categories = categoryMask("Inference");
  const stake = await nodes.minimumStakeFor(categories);
  await send(token.connect(sponsor).transfer(provider, stake));
  await send(token.connect(provider).approve(nodes, stake));
  await send(nodes.connect(provider).register(stake, categories, ZeroAddress, ""));
}

async function send(sent: Promise<ContractTransactionResponse>): Promise<void> {
  await (await sent).wait();
}
