/** The sections of a parameter file, each of which may have several faults. */
import { BPS, GWEI } from "../../sdk/units.js";
import { NETWORKS } from "../networks.js";
import {
  CLAIM_GRACE,
  EPOCH_DURATION,
  GOVERNANCE,
  HELD_BACK_SHARE,
  KAPPA,
  LOAD_POLICY,
  MAX_CLAIM_LIMIT,
  MAX_NAME_BYTES,
  MAX_POINTS,
  MAX_RATE_PPM,
  MAX_RELEASE_STAGES,
  MAX_RESOURCES,
  MAX_SCHEDULES,
  MAX_TARGET,
  MAX_TIER,
  MAX_TIME,
  MAX_VERIFIERS,
  MIN_DELAY,
  MINIMUM_STAKE,
  RATE,
  SUPPLY,
  VALIDITY,
} from "./bounds.js";
import { expandCliff, expandSteps, findCurveFault, type Stage } from "./curves.js";
import {
  CATEGORIES,
  CONTRIBUTIONS,
  TIMELOCK_REPORTER,
  type DesignLoad,
  type GovernanceSettings,
  type GrantParameters,
  type KindParameters,
  type Parameters,
  type ReleaseStage,
  type ResourceParameters,
  type TransferParameters,
} from "./schema.js";
import { byteLength, whole, type Fields, type Values } from "./values.js";

export function readNetworks(values: Values, value: unknown, at: string): string[] {
  return values.each(value, at, (entry, here) => {
    const names = Object.keys(NETWORKS);
    return names[Number(values.nameAmong(entry, here, names))] ?? "";
  });
}

export function readEpoch(values: Values, value: unknown, at: string): Parameters["epoch"] {
  const epoch = values.object(value, at, ["genesis", "duration"]);
  return values.all({
    genesis: () => values.integer(epoch["genesis"], `${at}.genesis`, 1n, MAX_TIME),
    duration: () => values.integer(epoch["duration"], `${at}.duration`, ...EPOCH_DURATION),
  });
}

export function readClaimGrace(values: Values, value: unknown, at: string): bigint {
  return values.integer(value, at, ...CLAIM_GRACE);
}

export function readAccess(values: Values, value: unknown, at: string): Parameters["access"] {
  const access = values.object(value, at, ["lockThreshold", "scoreThreshold"]);
  const read = (key: string) => () => {
    const threshold = values.amount(access[key], `${at}.${key}`);
    if (threshold > SUPPLY) values.fail(`${at}.${key}`, "is more than the supply");
    return threshold;
  };
  return values.all({
    lockThreshold: read("lockThreshold"),
    scoreThreshold: read("scoreThreshold"),
  });
}

export function readTimelock(values: Values, value: unknown, at: string): Parameters["timelock"] {
  const timelock = values.object(value, at, ["minDelay"]);
  return { minDelay: values.integer(timelock["minDelay"], `${at}.minDelay`, ...MIN_DELAY) };
}

export function readGovernance(values: Values, value: unknown, at: string): GovernanceSettings {
  const settings = values.object(value, at, Object.keys(GOVERNANCE));
  const number = (key: keyof GovernanceSettings) => () => {
    const [minimum, maximum] = GOVERNANCE[key];
    return values.integer(settings[key], `${at}.${key}`, minimum, maximum);
  };
  const votes = (key: keyof GovernanceSettings) => () =>
    values.amountWithin(settings[key], `${at}.${key}`, GOVERNANCE[key]);
  const governance = values.all<GovernanceSettings>({
    votingDelay: number("votingDelay"),
    votingPeriod: number("votingPeriod"),
    proposalThreshold: votes("proposalThreshold"),
    quorumPercent: number("quorumPercent"),
    quorumFloor: votes("quorumFloor"),
    voteExtension: number("voteExtension"),
  });
  const { voteExtension, votingPeriod } = governance;
  if (voteExtension > votingPeriod)
    values.fail(
      `${at}.voteExtension`,
      `is ${voteExtension}, longer than the vote of ${votingPeriod} that it extends`,
    );
  return governance;
}

export function readGuardians(values: Values, value: unknown, at: string): Parameters["guardians"] {
  const guardians = values.object(value, at, ["proposals", "pauses"]);
  return values.all({
    proposals: () => values.address(guardians["proposals"], `${at}.proposals`),
    pauses: () => values.address(guardians["pauses"], `${at}.pauses`),
  });
}

export function readBurnLimits(
  values: Values,
  value: unknown,
  at: string,
): Parameters["burnLimits"] {
  const fields = values.object(value, at, ["account", "total"]);
  const limits = values.all({
    account: () => values.amount(fields["account"], `${at}.account`),
    total: () => values.amount(fields["total"], `${at}.total`),
  });
  if (limits.account > limits.total)
    values.fail(
      `${at}.account`,
      `is ${whole(limits.account)} OPA, more than the ${whole(limits.total)} of all accounts`,
    );
  return limits;
}

/** Share of κ × burned that the stage cap may hold back before the reserve is needed. */
export function readHeldBackShare(values: Values, value: unknown, at: string): bigint {
  const { heldBackShare } = values.object(value, at, ["heldBackShare"]);
  const share = values.bps(heldBackShare, `${at}.heldBackShare`);
  if (share < HELD_BACK_SHARE[0] || share > HELD_BACK_SHARE[1])
    values.fail(`${at}.heldBackShare`, `is ${share} basis points, not between 5% and 90%`);
  return share;
}

export function readNodes(values: Values, value: unknown, at: string): Parameters["nodes"] {
  const nodes = values.object(value, at, ["minimumStake", "reporter"]);
  const here = `${at}.minimumStake`;
  const stakes = values.object(nodes["minimumStake"], here, CATEGORIES);
  const read = values.all<Record<string, bigint>>(
    Object.fromEntries(
      CATEGORIES.map((category) => [
        category,
        () => values.amountWithin(stakes[category], `${here}.${category}`, MINIMUM_STAKE),
      ]),
    ),
  );
  const named = nodes["reporter"];
  const reporter =
    named === TIMELOCK_REPORTER ? TIMELOCK_REPORTER : values.address(named, `${at}.reporter`);
  return { minimumStakes: Object.values(read), reporter };
}

/** The design load; units by the names of resources, which are checked by themselves. */
export function readDesign(
  values: Values,
  value: unknown,
  at: string,
  resources: readonly { readonly name: string }[],
): DesignLoad {
  const design = values.object(value, at, ["accounts", "providers", "units"]);
  const units = values.object(
    design["units"],
    `${at}.units`,
    [],
    resources.map(({ name }) => name),
  );
  return values.all({
    accounts: () => values.integer(design["accounts"], `${at}.accounts`, 1n, MAX_TARGET),
    providers: () => values.integer(design["providers"], `${at}.providers`, 1n, MAX_TARGET),
    units: () =>
      resources.map(({ name }) =>
        units[name] === undefined
          ? 0n
          : values.integer(units[name], `${at}.units.${name}`, 1n, MAX_TARGET),
      ),
  });
}

export function readIncentives(
  values: Values,
  value: unknown,
  at: string,
): Pick<Parameters, "incentives" | "kinds"> {
  const keys = ["kappa", "claimLimit", "shares", "stages", "kinds"];
  const fields = values.object(value, at, keys);
  const read = values.all({
    kappa: () => {
      const kappa = values.bps(fields["kappa"], `${at}.kappa`);
      if (kappa < KAPPA[0] || kappa > KAPPA[1])
        values.fail(`${at}.kappa`, `is ${kappa} basis points, not between 10% and 90%`);
      return kappa;
    },
    claimLimit: () =>
      values.amountWithin(fields["claimLimit"], `${at}.claimLimit`, [1n, MAX_CLAIM_LIMIT]),
    shares: () => readShares(values, fields["shares"], `${at}.shares`),
    stages: () => readStages(values, fields["stages"], `${at}.stages`),
    kinds: () => readKinds(values, fields["kinds"], `${at}.kinds`),
  });
  const { kinds, ...incentives } = read;
  requireKinds(values, incentives.shares, kinds, `${at}.shares`);
  return { incentives, kinds };
}

/** A share without a kind would never be released, and a kind without a share would never earn. */
function requireKinds(
  values: Values,
  shares: readonly bigint[],
  kinds: readonly KindParameters[],
  at: string,
): void {
  for (const [i, name] of CONTRIBUTIONS.entries()) {
    if (i === 0) continue;
    const isAttested = kinds.some(({ category }) => category === BigInt(i));
    const share = shares[i] ?? 0n;
    if (share !== 0n && !isAttested)
      values.note(`${at}.${name}`, `is ${share} basis points, but no kind is of that category`);
    if (share === 0n && isAttested)
      values.note(`${at}.${name}`, "is 0%, but a kind is of that category");
  }
}

function readShares(values: Values, value: unknown, at: string): bigint[] {
  const given = values.object(value, at, CONTRIBUTIONS);
  const parts = CONTRIBUTIONS.map(
    (name) => [name, () => values.bps(given[name], `${at}.${name}`)] as const,
  );
  const shares = Object.values(values.all<Record<string, bigint>>(Object.fromEntries(parts)));
  const sum = shares.reduce((total, share) => total + share, 0n);
  if (sum !== BPS) values.fail(at, `add up to ${sum} basis points, not to 100%`);
  return shares;
}

function readStages(values: Values, value: unknown, at: string): ReleaseStage[] {
  const stages = values.each(value, at, (entry, here) => {
    const stage = values.object(entry, here, ["from", "ratePpm"]);
    return values.all({
      from: () => values.integer(stage["from"], `${here}.from`, 0n, 2n ** 16n - 1n),
      ratePpm: () => values.integer(stage["ratePpm"], `${here}.ratePpm`, 1n, MAX_RATE_PPM),
    });
  });
  if (stages.length > MAX_RELEASE_STAGES)
    values.fail(at, `are ${stages.length}; at most ${MAX_RELEASE_STAGES}`);
  for (const [i, stage] of stages.entries()) {
    const before = stages[i - 1];
    if (before ? stage.from <= before.from : stage.from !== 0n)
      values.fail(
        `${at}[${i}].from`,
        `is ${stage.from}, ${before ? "not later than the one before" : "not 0"}`,
      );
    if (before && stage.ratePpm * 2n < before.ratePpm)
      values.fail(`${at}[${i}].ratePpm`, `is ${stage.ratePpm}, less than half of the one before`);
  }
  return stages;
}

function readKinds(values: Values, value: unknown, at: string): KindParameters[] {
  const keys = [
    ...["name", "category", "unitCeiling", "epochCeiling", "validity"],
    ...["threshold", "verifiers"],
  ];
  const kinds = values.each(value, at, (entry, here) => {
    const fields = values.object(entry, here, keys);
    const kind = values.all({
      name: () => values.short(fields["name"], `${here}.name`),
      category: () => values.nameAmong(fields["category"], `${here}.category`, CONTRIBUTIONS, 1),
      pointsPerUnit: () => readPoints(values, fields["unitCeiling"], `${here}.unitCeiling`),
      epochCap: () => readPoints(values, fields["epochCeiling"], `${here}.epochCeiling`),
      longest: () => values.integer(fields["validity"], `${here}.validity`, ...VALIDITY),
      threshold: () => values.integer(fields["threshold"], `${here}.threshold`, 1n),
      verifiers: () => readVerifiers(values, fields["verifiers"], `${here}.verifiers`),
    });
    if (kind.epochCap < kind.pointsPerUnit)
      values.fail(`${here}.epochCeiling`, "is less than that of one unit");
    if (kind.threshold > BigInt(kind.verifiers.length))
      values.fail(`${here}.threshold`, `is ${kind.threshold}; at most ${kind.verifiers.length}`);
    return kind;
  });
  values.distinct(
    kinds.map(({ name }) => name),
    at,
  );
  return kinds;
}

/** Whole OPA that something earns at most, as points of one gwei. */
function readPoints(values: Values, value: unknown, at: string): bigint {
  const points = values.amount(value, at) / GWEI;
  if (points > MAX_POINTS) values.fail(at, `is over ${whole(MAX_POINTS * GWEI)} OPA`);
  return points;
}

function readVerifiers(values: Values, value: unknown, at: string): string[] {
  const verifiers = values.each(value, at, (entry, here) => values.address(entry, here));
  if (verifiers.length > MAX_VERIFIERS)
    values.fail(at, `are ${verifiers.length}; at most ${MAX_VERIFIERS}`);
  values.distinct(verifiers, at, "name");
  return verifiers;
}

/** Curves, allocations that go to contracts, and those that go into schedules. */
export function readRelease(
  values: Values,
  value: unknown,
  at: string,
  genesis: bigint,
): Pick<Parameters, "curves" | "transfers" | "grants"> {
  const release = values.object(value, at, ["curves", "allocations"], ["start"]);
  const { start, curves } = values.all({
    start: () =>
      release["start"] === undefined
        ? genesis
        : values.integer(release["start"], `${at}.start`, 1n, 2n ** 48n - 2n ** 40n),
    curves: () => readCurves(values, release["curves"], `${at}.curves`),
  });
  const here = `${at}.allocations`;
  const { transfers, grants } = readAllocations(
    values,
    release["allocations"],
    here,
    start,
    curves,
  );
  const used = new Set(grants.map((grant) => grant.curve));
  for (const curve of Object.keys(curves))
    if (!used.has(curve)) values.note(`${at}.curves.${curve}`, "is used by no allocation");
  return { curves, transfers, grants };
}

function readCurves(values: Values, value: unknown, at: string): Record<string, Stage[]> {
  const curves = Object.entries(values.object(value, at)).map(
    ([name, curve]) =>
      [
        name,
        () => {
          if (!/^[a-z][A-Za-z0-9]*$/.test(name))
            values.fail(`${at}.${name}`, "is not a plain name of letters and digits");
          const stages = readCurve(values, curve, `${at}.${name}`);
          const fault = findCurveFault(stages);
          if (fault !== undefined) values.fail(`${at}.${name}`, fault);
          return stages;
        },
      ] as const,
  );
  return values.all<Record<string, Stage[]>>(Object.fromEntries(curves));
}

function readCurve(values: Values, value: unknown, at: string): Stage[] {
  if (Array.isArray(value))
    return values.each(value, at, (entry, here) => {
      const stage = values.object(entry, here, ["offset", "share"], ["linear"]);
      return values.all({
        offset: () => values.integer(stage["offset"], `${here}.offset`, 0n),
        share: () => values.share(stage["share"], `${here}.share`),
        linear: () => values.boolean(stage["linear"] ?? false, `${here}.linear`),
      });
    });

  if ("cliff" in values.object(value, at)) {
    const curve = values.object(value, at, ["cliff", "cliffShare", "end"]);
    return expandCliff(
      values.all({
        cliff: () => values.integer(curve["cliff"], `${at}.cliff`, 0n),
        cliffShare: () => values.share(curve["cliffShare"], `${at}.cliffShare`),
        end: () => values.integer(curve["end"], `${at}.end`, 1n),
      }),
    );
  }

  const curve = values.object(value, at, [], ["atStart", "every", "count"]);
  const isOnce = curve["every"] === undefined && curve["count"] === undefined;
  return expandSteps(
    values.all({
      atStart: () =>
        curve["atStart"] === undefined ? 0n : values.share(curve["atStart"], `${at}.atStart`),
      every: () => (isOnce ? 0n : values.integer(curve["every"], `${at}.every`, 1n)),
      count: () => (isOnce ? 0n : values.integer(curve["count"], `${at}.count`, 1n, 96n)),
    }),
  );
}

function readAllocations(
  values: Values,
  value: unknown,
  at: string,
  start: bigint,
  curves: Record<string, Stage[]>,
): Pick<Parameters, "transfers" | "grants"> {
  const entries = Object.entries(values.object(value, at)).map(
    ([label, entry]) =>
      [label, () => readAllocation(values, entry, `${at}.${label}`, label, start, curves)] as const,
  );
  const read = Object.values(
    values.all<Record<string, ReturnType<typeof readAllocation>>>(Object.fromEntries(entries)),
  );
  const transfers = read.flatMap((allocation) => allocation.transfers);
  const grants = read.flatMap((allocation) => allocation.grants);
  const sum = [...transfers, ...grants].reduce((total, { amount }) => total + amount, 0n);
  if (sum !== SUPPLY)
    values.note(at, `add up to ${whole(sum)} OPA instead of the supply of ${whole(SUPPLY)}`);
  if (grants.length > MAX_SCHEDULES)
    values.note(at, `have ${grants.length} schedules; ${MAX_SCHEDULES} fit one transaction`);
  return { transfers, grants };
}

function readAllocation(
  values: Values,
  entry: unknown,
  at: string,
  label: string,
  start: bigint,
  curves: Record<string, Stage[]>,
): { transfers: TransferParameters[]; grants: GrantParameters[] } {
  if (byteLength(label) > MAX_NAME_BYTES) values.fail(at, "has a name of over 31 bytes");
  if ("to" in values.object(entry, at)) {
    const fields = values.object(entry, at, ["amount", "to"]);
    const { amount, to } = values.all({
      amount: () => values.amount(fields["amount"], `${at}.amount`),
      to: () => {
        const holder = fields["to"];
        if (holder !== "systemReserve" && holder !== "incentiveVault")
          values.fail(`${at}.to`, `is not "systemReserve" or "incentiveVault"`);
        return holder;
      },
    });
    return { transfers: [{ label, to, amount }], grants: [] };
  }

  const fields = values.object(entry, at, ["amount", "curve", "schedules"], ["revocable"]);
  const { amount, curve, revocable, schedules } = values.all({
    amount: () => values.amount(fields["amount"], `${at}.amount`),
    curve: () => {
      const name = values.text(fields["curve"], `${at}.curve`);
      if (!Object.hasOwn(curves, name))
        values.fail(`${at}.curve`, `names "${name}", which is not among release.curves`);
      return name;
    },
    revocable: () => values.boolean(fields["revocable"] ?? false, `${at}.revocable`),
    schedules: () =>
      values.each(fields["schedules"], `${at}.schedules`, (schedule, here) =>
        readSchedule(values, schedule, here),
      ),
  });
  const sum = schedules.reduce((total, schedule) => total + schedule.amount, 0n);
  if (sum !== amount)
    values.fail(`${at}.schedules`, `add up to ${whole(sum)} OPA instead of ${whole(amount)}`);
  const grants = schedules.map((schedule) => ({ label, start, curve, revocable, ...schedule }));
  return { transfers: [], grants };
}

function readSchedule(values: Values, value: unknown, at: string) {
  const schedule = values.object(value, at, ["beneficiary", "amount"]);
  return values.all({
    beneficiary: () => values.address(schedule["beneficiary"], `${at}.beneficiary`),
    amount: () => values.amount(schedule["amount"], `${at}.amount`),
  });
}

export function readResources(values: Values, value: unknown, at: string): ResourceParameters[] {
  const keys = ["name", "unit", "category", "weight", "minimumTier", "rate", "floor", "ceiling"];
  const resources = values.each(value, at, (entry, here) => {
    const fields = values.object(entry, here, keys, ["target"]);
    const resource = values.all({
      name: () => values.short(fields["name"], `${here}.name`),
      unit: () => values.short(fields["unit"], `${here}.unit`),
      category: () => values.nameAmong(fields["category"], `${here}.category`, CATEGORIES),
      weight: () => values.integer(fields["weight"], `${here}.weight`, 1n, 2n ** 32n - 1n),
      minimumTier: () => values.integer(fields["minimumTier"], `${here}.minimumTier`, 0n, MAX_TIER),
      rate: () => readRate(values, fields, "rate", here),
      floor: () => readRate(values, fields, "floor", here),
      ceiling: () => readRate(values, fields, "ceiling", here),
      target: () =>
        fields["target"] === undefined
          ? 0n
          : values.integer(fields["target"], `${here}.target`, 1n, MAX_TARGET),
    });
    const { rate, floor, ceiling, target } = resource;
    if (rate < floor) values.fail(`${here}.rate`, `is ${rate}, below the floor of ${floor}`);
    if (rate > ceiling) values.fail(`${here}.rate`, `is ${rate}, above the ceiling of ${ceiling}`);
    return { ...resource, policy: target === 0n ? 0n : LOAD_POLICY };
  });
  if (resources.length > MAX_RESOURCES)
    values.fail(at, `are ${resources.length}; at most ${MAX_RESOURCES}`);
  values.distinct(
    resources.map(({ name }) => name),
    at,
  );
  return resources;
}

function readRate(values: Values, fields: Fields, key: string, at: string): bigint {
  const rate = values.integer(fields[key], `${at}.${key}`, ...RATE);
  if (rate % GWEI !== 0n) values.fail(`${at}.${key}`, `is ${rate}, no whole number of gwei`);
  return rate;
}
