import { MaxUint256, ZeroAddress, type Wallet } from "ethers";

import { buildStatement, createDomain, signStatement } from "../../sdk/statement.js";
import type { Artifact } from "../compile.js";
import { GENESIS, type Deployed, type Lab } from "../lab.js";
import type { SettlementPart, SettlementShape } from "../measure.js";

const DAY = 86_400;
const METER = 1n;
const RESOURCES_PER_PROVIDER = 10;
const EVERY_CATEGORY = 31n;
const RATE = 1_000_000_000n;
const OPA = 10n ** 18n;
const DEPOSIT = 1_000n * OPA;
const NO_PROJECT = 0n;
const PROJECT = 1n;
const SPENDER = 1n;
const TIER = 1n;
const LOAD_POLICY = 1n;

/** How the part gets what it does not deploy itself. */
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
      return {
        async settle() {
          units += 1_000_000n;
          const signed = await Promise.all(
            consumers.map(({ account, key }) => statementOf(system, account, key, shape, units)),
          );
          return settleAll(lab, system, signed, shape);
        },
      };
    },
  };
}

type Metering = Awaited<ReturnType<typeof deployMetering>>;
type Signed = Awaited<ReturnType<typeof signStatement>>;

async function deployMetering(lab: Lab, source: Source, { isPlain = false }: SettlementShape) {
  const admin = await lab.actor("admin");
  const token = await source.token(lab, admin);
  const own = async (name: string, values: readonly unknown[]) =>
    lab.deploy(admin, await source.artifact(name), values);
  const manager = await own("AccessManager", [admin.address]);
  const genesis = GENESIS - 100 * DAY;
  const registry = await own("ResourceRegistry", [manager.address, genesis, DAY]);
  const thresholds = [OPA, OPA];
  const noSources = [ZeroAddress, ZeroAddress];
  const clock = [manager.address, genesis, DAY];
  const policy = await own("AccessPolicy", [...clock, ...noSources, ...thresholds]);
  const load = await own("LoadPricePolicy", []);
  await lab.call(admin, registry, "registerPricePolicy", [load.address]);
  const terms = [token.address, ...clock, 2 * DAY, policy.address];
  const accounts = await own("ServiceAccounts", terms);
  const nodes = await own("NodeRegistry", []);
  const parts = [registry.address, accounts.address, nodes.address];
  const settlement = await own("Settlement", [...parts, 7]);

  await lab.call(admin, manager, "grantRole", [METER, settlement.address, 0]);
  for (const [module, method] of [
    [registry, "report"],
    [accounts, "chargeCredit"],
  ] as const) {
    const selector = module.abi.getFunction(method)?.selector;
    await lab.call(admin, manager, "setTargetFunctionRole", [module.address, [selector], METER]);
    await lab.call(admin, module, "syncMeter", [settlement.address]);
  }
  await lab.call(admin, token, "approve", [accounts.address, MaxUint256]);

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
    await lab.call(provider, nodes, "register", [EVERY_CATEGORY, ""]);
    providers.push(provider.address);
  }
  return { admin, accounts, policy, settlement, providers };
}

/** An account with a tier, limits on itself, on a project and on a key of it, which signs. */
async function openConsumer(
  lab: Lab,
  { admin, accounts, policy }: Metering,
  index: number,
  { isPlain = false }: SettlementShape,
) {
  const account = await lab.actor(`consumer ${index}`);
  const key = await lab.actor(`key ${index}`);
  await lab.call(admin, accounts, "deposit", [account.address, DEPOSIT]);
  const limits = {
    epochLimit: DEPOSIT,
    totalLimit: DEPOSIT,
    expiresAt: GENESIS + 300 * DAY,
    categories: EVERY_CATEGORY,
  };
  const of = account.address;
  if (isPlain) {
    await lab.call(account, accounts, "setKey", [of, key.address, NO_PROJECT, SPENDER, limits]);
    return { account: of, key };
  }
  await lab.call(account, accounts, "limitOrganisation", [of, limits]);
  await lab.call(account, accounts, "openProject", [of, limits]);
  await lab.call(account, accounts, "setKey", [of, key.address, PROJECT, SPENDER, limits]);
  await lab.call(admin, policy, "grantTier", [of, TIER, limits.expiresAt]);
  await lab.call(admin, accounts, "noteTier", [of]);
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

async function statementOf(
  { settlement, providers }: Metering,
  account: string,
  key: Wallet,
  { lines }: SettlementShape,
  cumulativeUnits: bigint,
): Promise<Signed> {
  const statement = buildStatement({
    account,
    priceEpoch: 100n,
    deadline: BigInt(GENESIS + DAY),
    lines: Array.from({ length: lines }, (_, index) => ({
      provider: providers[Math.floor(index / RESOURCES_PER_PROVIDER)] ?? "",
      resource: BigInt((index % RESOURCES_PER_PROVIDER) + 1),
      cumulativeUnits,
    })),
  });
  return signStatement(key, createDomain(31_337n, settlement.address), statement);
}

async function settleAll(
  lab: Lab,
  { admin, settlement }: Metering,
  signed: readonly Signed[],
  { lines }: SettlementShape,
): Promise<number> {
  const data = settlement.abi.encodeFunctionData("settle", [signed]);
  const receipt = await lab.receipt(admin, { to: settlement.address, data });
  const topic = settlement.abi.getEvent("LineSettled")?.topicHash;
  const settled = receipt.logs.filter((log) => log.topics[0] === topic).length;
  if (settled !== signed.length * lines) throw new Error(`only ${settled} lines settled`);
  return Number(receipt.gasUsed);
}
