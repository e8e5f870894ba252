import { freshAddress, GENESIS, type Lab } from "./lab.js";
import {
  DAY,
  deployMetering,
  FIRST_EPOCH,
  openConsumer,
  registration,
  settleAll,
  STAKE,
  statementOf,
  type Metering,
  type Source,
} from "./systems/opa-settlement.js";

const COUNTS = [1, 10, 100, 1_000] as const;
const MAX_RESOURCES = 512;
const OPA = 10n ** 18n;
const ONE_LINE = { lines: 1 };
const TOLERANCE = 300; // gas of call data and of numbers whose bytes differ
const MAX_FIRST_BOOKINGS = 100;
const TRANSACTION_GAS = 16_777_216; // EIP-7825
const IDLE_BOUND = 700_000; // 128 steps of a price policy, see {ResourceRegistry}

/** Gas of one settled line beside a growing number of something else. */
export interface Growth {
  readonly quantity: string;
  /** Gas by {@link COUNTS}; undefined where the number cannot be reached. */
  readonly gas: readonly (number | undefined)[];
  /** Whether the gas stays the same, or within its documented bound. */
  readonly isBounded: boolean;
}

/** Adds one more of something to a system. */
type Add = (lab: Lab, system: Metering, index: number) => Promise<unknown>;

const ADDITIONS = {
  accounts: (lab: Lab, { admin, meter }: Metering, index: number) =>
    lab.call(admin, meter, "deposit", [freshAddress(`account ${index}`), OPA]),
  keys: async (lab: Lab, { meter }: Metering, index: number) => {
    const account = await lab.actor("consumer 0");
    const limits = [OPA, OPA, GENESIS + 300 * DAY, 31n];
    const args = [account.address, freshAddress(`key of one ${index}`), 0n, 1n, limits];
    return lab.call(account, meter, "setKey", args);
  },
  providers: async (lab: Lab, { admin, token, nodes }: Metering, index: number) => {
    const provider = await lab.actor(`one more provider ${index}`);
    await lab.call(admin, token, "transfer", [provider.address, STAKE]);
    await lab.call(provider, token, "approve", [nodes.address, STAKE]);
    return lab.call(provider, nodes, "register", registration());
  },
  resources: (lab: Lab, { admin, registry }: Metering, index: number) => {
    if (index >= MAX_RESOURCES - 10) return Promise.reject(new RangeError("no more resources"));
    const rates = { rate: 10n ** 9n, floor: 10n ** 9n, ceiling: 10n ** 9n, target: 0n, policy: 0n };
    const name = `more ${index}`;
    const params = { name, unit: "token", category: 1, weight: 1, minimumTier: 0n, ...rates };
    return lab.call(admin, registry, "register", [params]);
  },
};

/** Measures a later settlement of one line beside 1 to 1,000 of everything, and the first one after as many idle epochs. */
export async function measureGrowth(lab: Lab, source: Source): Promise<Growth[]> {
  const growth: Growth[] = [];
  for (const [quantity, add] of Object.entries(ADDITIONS))
    growth.push(await lab.isolated(() => measureBeside(lab, source, quantity, add)));
  const idle: number[] = [];
  for (const epochs of COUNTS)
    idle.push(await lab.isolated(() => measureIdle(lab, source, epochs)));
  growth.push({
    quantity: "idle epochs",
    gas: idle,
    isBounded: Math.max(...idle) <= IDLE_BOUND,
  });
  const bookings: (number | undefined)[] = [];
  for (const count of COUNTS)
    bookings.push(
      count > MAX_FIRST_BOOKINGS
        ? undefined
        : await lab.isolated(() => measureFirstBookings(lab, source, count)),
    );
  growth.push({
    quantity: "first bookings in one statement",
    gas: bookings,
    isBounded: bookings.every((gas) => gas === undefined || gas <= TRANSACTION_GAS),
  });
  return growth;
}

/** A statement of new lines at providers whose first use was in the epoch before. */
async function measureFirstBookings(lab: Lab, source: Source, count: number): Promise<number> {
  const system = await deployMetering(lab, source);
  await lab.call(system.admin, system.token, "transfer", [system.vault.address, 1_000n * OPA]);
  for (let index = 0; index < count; index += 1) await ADDITIONS.providers(lab, system, index);
  const names = Array.from({ length: count }, (_, index) => `one more provider ${index}`);
  const actors = await Promise.all(names.map((name) => lab.actor(name)));
  const providers = actors
    .map(({ address }) => address)
    .sort((one, two) => (BigInt(one) < BigInt(two) ? -1 : 1));
  const spread = { ...system, providers };
  let gas = 0;
  for (const [index, epoch] of [FIRST_EPOCH + 1, FIRST_EPOCH + 2].entries()) {
    const { account, key } = await openConsumer(lab, system, index);
    await lab.at(GENESIS + (epoch - FIRST_EPOCH) * DAY + DAY / 2);
    const shape = { lines: count };
    const signed = await statementOf(spread, account, key, shape, 1_000_000n, epoch, 1);
    gas = await settleAll(lab, system, [signed], shape);
  }
  return gas;
}

async function measureBeside(
  lab: Lab,
  source: Source,
  quantity: string,
  add: Add,
): Promise<Growth> {
  const system = await deployMetering(lab, source);
  const { account, key } = await openConsumer(lab, system, 0);
  let units = 0n;
  const settle = async () => {
    units += 1_000_000n;
    return settleAll(
      lab,
      system,
      [await statementOf(system, account, key, ONE_LINE, units)],
      ONE_LINE,
    );
  };
  await settle();
  const gas: (number | undefined)[] = [];
  let count = 0;
  for (const goal of COUNTS) {
    try {
      for (; count < goal; count += 1) await add(lab, system, count);
      gas.push(await settle());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      gas.push(undefined);
    }
  }
  const measured = gas.filter((figure) => figure !== undefined);
  return { quantity, gas, isBounded: Math.max(...measured) - Math.min(...measured) <= TOLERANCE };
}

async function measureIdle(lab: Lab, source: Source, epochs: number): Promise<number> {
  const system = await deployMetering(lab, source);
  const { account, key } = await openConsumer(lab, system, 0, {}, GENESIS + 2_000 * DAY);
  let gas = 0;
  let epoch = FIRST_EPOCH + 1;
  let units = 0n;
  for (const pause of [1, 1, epochs]) {
    epoch += pause;
    units += 5_000_000n; // above the target, so that the price moves
    await lab.at(GENESIS + (epoch - FIRST_EPOCH) * DAY + DAY / 2);
    const signed = await statementOf(system, account, key, ONE_LINE, units, epoch);
    gas = await settleAll(lab, system, [signed], ONE_LINE);
  }
  return gas;
}

/** The section of the report. */
export function renderGrowth(growth: readonly Growth[]): string {
  const number = (gas: number | undefined) => gas?.toLocaleString("en-US") ?? "";
  const lines = growth.map(
    ({ quantity, gas }) => `| ${[quantity, ...gas.map(number)].join(" | ")} |`,
  );
  const head = ["Beside", ...COUNTS.map((count) => count.toLocaleString("en-US"))];
  return [
    "## Growth",
    "Gas of one settled line with all policy on, beside more and more of something else; there are at most 512 resources. Idle " +
      "epochs: the first settlement after them, which books the provider and stores at most 128 steps of the price. First " +
      "bookings: a statement of new lines at providers that were used for the first time in the epoch before.",
    [`| ${head.join(" | ")} |`, `| --- | ${COUNTS.map(() => "---:").join(" | ")} |`, ...lines].join(
      "\n",
    ),
  ].join("\n\n");
}
