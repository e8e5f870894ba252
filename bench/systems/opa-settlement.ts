import { Interface, MaxUint256, ZeroAddress, type Wallet } from "ethers";

import {
  buildStatement,
  createDomain,
  packStatement,
  signStatement,
} from "../../sdk/statements/statement.js";
import type { Artifact } from "../compile.js";
import { freshAddress, GENESIS, type Deployed, type Lab } from "../lab.js";
import type { SettlementPart, SettlementShape } from "../measure.js";

/** Seconds of an epoch. */
export const DAY = 86_400;
const METER = 1n;
const RECORDER = 4n;
const SLASHER = 5n;
const ENROLLER = 9n;
const WINDOW = 7;
const RESOURCES_PER_PROVIDER = 10;
const EVERY_CATEGORY = 31n;
const RATE = 1_000_000_000n;
const OPA = 10n ** 18n;
const DEPOSIT = 1_000n * OPA;
const MINIMUM_STAKE = 100n * OPA;
const CLAIM_LIMIT = 1_000_000n * 10n ** 18n;
const BURN_LIMITS = { account: 1_000_000n * 10n ** 18n, total: 5_000_000n * 10n ** 18n };
const KAPPA_BPS = 5_000n;
const SHARES = [7_000n, 1_000n, 1_000n, 1_000n, 0n];
const STAGES = [{ from: 0n, ratePpm: 1_000n }];

/** Epoch of the first block. */
export const FIRST_EPOCH = 100;

/** Stake of a provider of every category. */
export const STAKE = 5n * MINIMUM_STAKE;
const NO_PROJECT = 0n;
const PROJECT = 1n;
const SPENDER = 1n;
const TIER = 1n;
const LOAD_POLICY = 1n;

/** Access to contracts that this part does not deploy. */
export interface Source {
  /** A token whose whole supply belongs to `holder`. */
  token(lab: Lab, holder: Wallet): Promise<Deployed>;
  /** The artifact of a contract, as it ships. */
  artifact(name: string): Promise<Artifact>;
}

/** Settlement with all policy on: keys, projects and organisations with limits, tiers, prices, providers, counters, burn. */
export function settlementPart(source: Source): SettlementPart {
  return {
    async open(lab, shape) {
      const system = await deployMetering(lab, source, shape);
      const consumers: Awaited<ReturnType<typeof openConsumer>>[] = [];
      for (let index = 0; index < shape.accounts; index += 1) {
        consumers.push(await openConsumer(lab, system, index, shape));
      }
      await warm(lab, system, shape);

      let units = 0n;
      let epoch = FIRST_EPOCH;
      const settle = async (some: typeof consumers) => {
        units += 1_000_000n;
        const signed = await Promise.all(
          some.map(({ account, key }) => statementOf(system, account, key, shape, units, epoch)),
        );
        return settleAll(lab, system, signed, shape);
      };
      return {
        settle: () => settle(consumers),
        async settleUnknown() {
          const other = await openConsumer(lab, system, consumers.length, shape);
          await settle([other]);
          epoch += 1;
          await lab.at(GENESIS + (epoch - FIRST_EPOCH) * DAY + DAY / 2);
          await settle([other]);
          return [await settle(consumers), await settle(consumers)];
        },
      };
    },
  };
}

/** The whole of metering, staking and incentives, with ten providers and ten resources. */
export type Metering = Awaited<ReturnType<typeof deployMetering>>;
type Signed = Awaited<ReturnType<typeof signStatement>>;

/** Deploys and connects all of it. */
export async function deployMetering(
  lab: Lab,
  source: Source,
  { isPlain = false }: Partial<SettlementShape> = {},
) {
  const admin = await lab.actor("admin");
  const token = await source.token(lab, admin);
  const own = async (name: string, values: readonly unknown[]) =>
    lab.deploy(admin, await source.artifact(name), values);
  const manager = await own("AccessManager", [admin.address]);
  const genesis = GENESIS - FIRST_EPOCH * DAY;
  const registry = await own("ResourceRegistry", [manager.address, genesis, DAY]);
  const thresholds = [OPA, OPA];
  const clock = [manager.address, genesis, DAY];
  const policy = await own("AccessPolicy", [...clock, ZeroAddress, ...thresholds]);
  const load = await own("LoadPricePolicy", []);
  await lab.call(admin, registry, "registerPricePolicy", [load.address]);
  const terms = [token.address, registry.address, manager.address, 2 * DAY, policy.address];
  const extension = await own("MeterExtension", [...terms, BURN_LIMITS]);
  const core = await own("Meter", [extension.address, WINDOW]);
  const { abi } = await source.artifact("IMeter");
  const meter = { ...core, abi: new Interface(abi) };
  await lab.call(admin, registry, "setMeter", [meter.address]);
  const minimums = Array.from({ length: 5 }, () => MINIMUM_STAKE);
  const reserve = freshAddress("reserve");
  const nodes = await own("NodeRegistry", [token.address, ...clock, reserve, minimums]);
  const authority = manager.address;
  const lock = await own("GovernanceLock", [token.address, authority]);
  const money = [token.address, meter.address, reserve, authority];
  const vault = await own("IncentiveVault", [...money, KAPPA_BPS, STAGES]);
  const of = [vault.address, nodes.address, lock.address, authority];
  const pool = await own("IncentivePool", [...of, CLAIM_LIMIT, SHARES]);
  await lab.call(admin, meter, "setBook", [pool.address]);
  const slashing = await own("NodeSlashing", [nodes.address, authority]);
  const attestations = await own("Attestations", [meter.address, authority]);
  const settlement = await own("Settlement", [meter.address]);

  for (const [module, method, role, holder] of [
    [meter, "charge", METER, settlement],
    [meter, "setProvider", ENROLLER, nodes],
    [pool, "recordPoints", RECORDER, attestations],
    [nodes, "slash", SLASHER, slashing],
  ] as const) {
    const selector = module.abi.getFunction(method)?.selector;
    await lab.call(admin, manager, "grantRole", [role, holder.address, 0]);
    await lab.call(admin, manager, "setTargetFunctionRole", [module.address, [selector], role]);
  }
  await lab.call(admin, meter, "syncMeter", [settlement.address]);
  await lab.call(admin, nodes, "setMeter", [meter.address]);
  await lab.call(admin, token, "approve", [meter.address, MaxUint256]);

  const names = Array.from({ length: RESOURCES_PER_PROVIDER }, (_, index) => `resource ${index}`);
  for (const name of names) {
    const params = {
      name,
      unit: "token",
      category: 1,
      weight: 1,
      minimumTier: isPlain ? 0n : TIER,
      rate: RATE,
      floor: RATE,
      ceiling: 2n * RATE,
      target: 1_000_000n,
      policy: LOAD_POLICY,
    };
    await lab.call(admin, registry, "register", [params]);
  }
  const providers: string[] = [];
  for (let index = 0; index < 10; index += 1) {
    const provider = await lab.actor(`provider ${index}`);
    await lab.call(admin, token, "transfer", [provider.address, 2n * STAKE]);
    await lab.call(provider, token, "approve", [nodes.address, MaxUint256]);
    await lab.call(provider, nodes, "register", registration());
    providers.push(provider.address);
  }
  const incentives = { token, nodes, vault, pool, slashing, attestations };
  const inner = { registry, extension, load };
  return { admin, meter, policy, settlement, providers, ...inner, ...incentives };
}

/** Arguments of a provider's registration, for every category and paid to itself. */
export function registration() {
  return [STAKE, EVERY_CATEGORY, ZeroAddress, ""];
}

/** An account with a tier, limits on itself, on a project and on a key of it, which signs. */
export async function openConsumer(
  lab: Lab,
  { admin, meter, policy }: Metering,
  index: number,
  { isPlain = false }: Partial<SettlementShape> = {},
  expiresAt = GENESIS + 300 * DAY,
) {
  const account = await lab.actor(`consumer ${index}`);
  const key = await lab.actor(`key ${index}`);
  await lab.call(admin, meter, "deposit", [account.address, DEPOSIT]);
  const limits = {
    epochLimit: DEPOSIT,
    totalLimit: DEPOSIT,
    expiresAt,
    categories: EVERY_CATEGORY,
  };
  const of = account.address;
  if (isPlain) {
    await lab.call(account, meter, "setKey", [of, key.address, NO_PROJECT, SPENDER, limits]);
    return { account: of, key };
  }
  await lab.call(account, meter, "limitOrganisation", [of, limits]);
  await lab.call(account, meter, "openProject", [of, limits]);
  await lab.call(account, meter, "setKey", [of, key.address, PROJECT, SPENDER, limits]);
  await lab.call(admin, policy, "grantTier", [of, TIER, limits.expiresAt]);
  return { account: account.address, key };
}

/** Settles once, in lines that no shape has, so that every shared word is non-zero in this epoch. */
async function warm(
  lab: Lab,
  system: Metering,
  { isPlain = false }: SettlementShape,
): Promise<void> {
  const shape = { accounts: 1, lines: 100, isPlain };
  const { account, key } = await openConsumer(lab, system, 1_000, shape);
  await settleAll(lab, system, [await statementOf(system, account, key, shape, 1n)], shape);
}

/** Statement of running totals for the first lines of a shape, at the price of an epoch. */
export async function statementOf(
  { settlement, providers }: Metering,
  account: string,
  key: Wallet,
  { lines }: Pick<SettlementShape, "lines">,
  cumulativeUnits: bigint,
  epoch = FIRST_EPOCH,
  resources = RESOURCES_PER_PROVIDER,
): Promise<Signed> {
  const statement = buildStatement({
    account,
    priceEpoch: BigInt(epoch),
    deadline: BigInt(GENESIS + (epoch - FIRST_EPOCH + 1) * DAY),
    lines: Array.from({ length: lines }, (_, index) => ({
      provider: providers[Math.floor(index / resources)] ?? "",
      resource: BigInt((index % resources) + 1),
      cumulativeUnits,
    })),
  });
  return signStatement(key, createDomain(31_337n, settlement.address), statement);
}

/** Gas of settling statements, all of whose lines must settle. */
export async function settleAll(
  lab: Lab,
  { admin, meter, settlement }: Metering,
  signed: readonly Signed[],
  { lines }: Pick<SettlementShape, "lines">,
): Promise<number> {
  const data = settlement.abi.encodeFunctionData("settle", [signed.map(packStatement)]);
  const receipt = await lab.receipt(admin, { to: settlement.address, data });
  const topic = meter.abi.getEvent("LineSettled")?.topicHash;
  const settled = receipt.logs.filter((log) => log.topics[0] === topic).length;
  if (settled !== signed.length * lines) throw new Error(`only ${settled} lines settled`);
  return Number(receipt.gasUsed);
}
