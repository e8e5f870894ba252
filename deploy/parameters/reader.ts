/**
 * Launch numbers: reads `deploy/parameters/<name>.json5`, checks every value, and names what is wrong by its path in
 * the file. Amounts and times are bigint from here on.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { getAddress, isAddress, parseEther, toUtf8Bytes, ZeroAddress } from "ethers";
import json5 from "json5";

import { BPS, GWEI, OPA } from "../../sdk/units.js";
import {
  CHALLENGE_PERIOD,
  CLAIM_GRACE,
  EPOCH_DURATION,
  GOVERNANCE,
  KAPPA,
  LOAD_POLICY,
  MAX_CLAIM_LIMIT,
  MAX_NAME_BYTES,
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
  PRICE_WINDOW,
  RATE,
  SUPPLY,
  HELD_BACK_SHARE,
  MAX_POINTS,
  VALIDITY,
} from "./bounds.js";
import {
  expandCliff,
  expandSteps,
  findCurveFault,
  parseShare,
  WHOLE,
  type Stage,
} from "./curves.js";
import {
  CATEGORIES,
  CONTRIBUTIONS,
  ParameterError,
  type GovernanceSettings,
  type GrantParameters,
  type KindParameters,
  type Parameters,
  type ReleaseStage,
  type ResourceParameters,
  type TransferParameters,
} from "./schema.js";

const FOLDER = import.meta.dirname;

/** Names of the parameter files there are. */
export function listParameterNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json5"))
    .map((file) => path.basename(file, ".json5"))
    .sort();
}

/** Reads and checks a parameter file by its name. */
export function loadParameters(
  name: string,
  environment: NodeJS.ProcessEnv = process.env,
): Parameters {
  const known = listParameterNames();
  if (!known.includes(name)) {
    const names = known.join(", ");
    throw new ParameterError(`There are no parameters named "${name}"; there are: ${names}.`);
  }

  let content: unknown;
  try {
    content = json5.parse(readFileSync(path.join(FOLDER, `${name}.json5`), "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParameterError(`${name}.json5 cannot be read: ${reason}.`, { cause: error });
  }
  return parseParameters(name, content, environment);
}

/** Checks the content of a parameter file. */
export function parseParameters(
  name: string,
  content: unknown,
  environment: NodeJS.ProcessEnv = {},
): Parameters {
  return new Reader(`${name}.json5`, environment).read(name, content);
}

/** Fingerprint of all values, those from the environment included. */
export function hashParameters(parameters: Parameters): string {
  const text = JSON.stringify(parameters, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return createHash("sha256").update(text).digest("hex");
}

/** Length of a text in bytes. */
function byteLength(text: string): number {
  return toUtf8Bytes(text).length;
}

/** Walks the file; every method takes the value and its path. */
class Reader {
  readonly #file: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(file: string, environment: NodeJS.ProcessEnv) {
    this.#file = file;
    this.#environment = environment;
  }

  read(name: string, content: unknown): Parameters {
    const root = this.#object(content, "", [
      "chainId",
      "epoch",
      "settlementWindow",
      "claimGrace",
      "access",
      "timelock",
      "governance",
      "guardians",
      "burnLimits",
      "reserve",
      "nodes",
      "incentives",
      "release",
      "resources",
    ]);
    const epoch = this.#object(root["epoch"], "epoch", ["genesis", "duration"]);
    const genesis = this.#integer(epoch["genesis"], "epoch.genesis", 1n, MAX_TIME);
    const release = this.#object(root["release"], "release", ["curves", "allocations"], ["start"]);
    const start =
      release["start"] === undefined
        ? genesis
        : this.#integer(release["start"], "release.start", 1n, 2n ** 48n - 2n ** 40n);
    const curves = this.#curves(release["curves"], "release.curves");
    const timelock = this.#timelock(root["timelock"], "timelock");
    const governance = this.#governance(root["governance"], "governance");
    const decision = governance.votingDelay + governance.votingPeriod + governance.voteExtension;
    if (decision + timelock.minDelay >= CHALLENGE_PERIOD)
      this.#fail(
        "governance",
        "takes longer to decide than a fault can be vetoed, which is 12 days",
      );

    return {
      name,
      chainId: this.#integer(this.#resolve(root["chainId"], "chainId"), "chainId", 1n, 2n ** 53n),
      epoch: {
        genesis,
        duration: this.#integer(epoch["duration"], "epoch.duration", ...EPOCH_DURATION),
      },
      settlementWindow: this.#integer(
        root["settlementWindow"],
        "settlementWindow",
        1n,
        PRICE_WINDOW,
      ),
      claimGrace: this.#integer(root["claimGrace"], "claimGrace", ...CLAIM_GRACE),
      access: this.#access(root["access"], "access"),
      timelock,
      governance,
      guardians: this.#guardians(root["guardians"], "guardians"),
      burnLimits: this.#burnLimits(root["burnLimits"], "burnLimits"),
      heldBackShare: this.#heldBackShare(root["reserve"], "reserve"),
      nodes: this.#nodes(root["nodes"], "nodes"),
      ...this.#incentives(root["incentives"], "incentives"),
      curves,
      ...this.#allocations(release["allocations"], "release.allocations", start, curves),
      resources: this.#resources(root["resources"], "resources"),
    };
  }

  #access(value: unknown, at: string): Parameters["access"] {
    const access = this.#object(value, at, ["lockThreshold", "scoreThreshold"]);
    const read = (key: string) => {
      const threshold = this.#amount(access[key], `${at}.${key}`);
      if (threshold > SUPPLY) this.#fail(`${at}.${key}`, "is more than the supply");
      return threshold;
    };
    return { lockThreshold: read("lockThreshold"), scoreThreshold: read("scoreThreshold") };
  }

  #timelock(value: unknown, at: string): Parameters["timelock"] {
    const timelock = this.#object(value, at, ["minDelay"]);
    return { minDelay: this.#integer(timelock["minDelay"], `${at}.minDelay`, ...MIN_DELAY) };
  }

  #governance(value: unknown, at: string): GovernanceSettings {
    const keys = ["votingDelay", "votingPeriod", "proposalThreshold", "quorumPercent"];
    const settings = this.#object(value, at, [...keys, "quorumFloor", "voteExtension"]);
    const read = (key: keyof GovernanceSettings) => {
      const [minimum, maximum] = GOVERNANCE[key];
      return this.#integer(settings[key], `${at}.${key}`, minimum, maximum);
    };
    const votes = (key: keyof GovernanceSettings) => {
      const [minimum, maximum] = GOVERNANCE[key];
      const amount = this.#amount(settings[key], `${at}.${key}`);
      if (amount < minimum || amount > maximum)
        this.#fail(`${at}.${key}`, `is not between ${whole(minimum)} and ${whole(maximum)} OPA`);
      return amount;
    };
    return {
      votingDelay: read("votingDelay"),
      votingPeriod: read("votingPeriod"),
      proposalThreshold: votes("proposalThreshold"),
      quorumPercent: read("quorumPercent"),
      quorumFloor: votes("quorumFloor"),
      voteExtension: read("voteExtension"),
    };
  }

  #guardians(value: unknown, at: string): Parameters["guardians"] {
    const guardians = this.#object(value, at, ["proposals", "pauses"]);
    return {
      proposals: this.#address(guardians["proposals"], `${at}.proposals`),
      pauses: this.#address(guardians["pauses"], `${at}.pauses`),
    };
  }

  #burnLimits(value: unknown, at: string): Parameters["burnLimits"] {
    const limits = this.#object(value, at, ["account", "total"]);
    const account = this.#amount(limits["account"], `${at}.account`);
    const total = this.#amount(limits["total"], `${at}.total`);
    if (account > total) this.#fail(`${at}.account`, "is more than that of all accounts");
    return { account, total };
  }

  #nodes(value: unknown, at: string): Parameters["nodes"] {
    const nodes = this.#object(value, at, ["minimumStake"]);
    const here = `${at}.minimumStake`;
    const stakes = this.#object(nodes["minimumStake"], here, [...CATEGORIES]);
    const minimumStakes = CATEGORIES.map((category) => {
      const amount = this.#amount(stakes[category], `${here}.${category}`);
      if (amount < MINIMUM_STAKE[0]) this.#fail(`${here}.${category}`, "is less than 1 OPA");
      if (amount > MINIMUM_STAKE[1]) this.#fail(`${here}.${category}`, "is over 1000000 OPA");
      return amount;
    });
    return { minimumStakes };
  }

  #incentives(value: unknown, at: string): Pick<Parameters, "incentives" | "kinds"> {
    const incentives = this.#object(value, at, [
      "kappa",
      "claimLimit",
      "shares",
      "stages",
      "kinds",
    ]);
    const kappa = this.#bps(incentives["kappa"], `${at}.kappa`);
    if (kappa < KAPPA[0] || kappa > KAPPA[1])
      this.#fail(`${at}.kappa`, "is not between 10% and 90%");
    const given = this.#object(incentives["shares"], `${at}.shares`, [...CONTRIBUTIONS]);
    const shares = CONTRIBUTIONS.map((name) => this.#bps(given[name], `${at}.shares.${name}`));
    if (shares.reduce((sum, share) => sum + share, 0n) !== BPS)
      this.#fail(`${at}.shares`, "do not add up to 100%");
    const kinds = this.#kinds(incentives["kinds"], `${at}.kinds`);
    this.#requireKinds(shares, kinds, `${at}.shares`);

    return {
      incentives: {
        kappa,
        claimLimit: this.#claimLimit(incentives["claimLimit"], `${at}.claimLimit`),
        shares,
        stages: this.#stages(incentives["stages"], `${at}.stages`),
      },
      kinds,
    };
  }

  /** A share without a kind would never be released, and a kind without a share would never earn. */
  #requireKinds(shares: readonly bigint[], kinds: readonly KindParameters[], at: string): void {
    for (const [i, name] of CONTRIBUTIONS.entries()) {
      if (i === 0) continue;
      const isAttested = kinds.some(({ category }) => category === BigInt(i));
      const share = shares[i] ?? 0n;
      if (share !== 0n && !isAttested)
        this.#fail(`${at}.${name}`, `is ${share} basis points, but no kind is of that category`);
      if (share === 0n && isAttested)
        this.#fail(`${at}.${name}`, "is 0%, but a kind is of that category");
    }
  }

  #heldBackShare(value: unknown, at: string): bigint {
    const given = this.#object(value, at, ["heldBackShare"])["heldBackShare"];
    const share = this.#bps(given, `${at}.heldBackShare`);
    if (share < HELD_BACK_SHARE[0] || share > HELD_BACK_SHARE[1])
      this.#fail(`${at}.heldBackShare`, "is not between 5% and 90%");
    return share;
  }

  #claimLimit(value: unknown, at: string): bigint {
    const limit = this.#amount(value, at);
    if (limit > MAX_CLAIM_LIMIT) this.#fail(at, "is over 16000000 OPA");
    return limit;
  }

  /** A share as basis points. */
  #bps(value: unknown, at: string): bigint {
    const share = this.#share(value, at) * BPS;
    if (share % WHOLE !== 0n) this.#fail(at, "is not a whole number of basis points");
    return share / WHOLE;
  }

  #stages(value: unknown, at: string): ReleaseStage[] {
    const stages = this.#list(value, at).map((entry, i) => {
      const here = `${at}[${i}]`;
      const stage = this.#object(entry, here, ["from", "ratePpm"]);
      return {
        from: this.#integer(stage["from"], `${here}.from`, 0n, 2n ** 16n - 1n),
        ratePpm: this.#integer(stage["ratePpm"], `${here}.ratePpm`, 1n, MAX_RATE_PPM),
      };
    });
    if (stages.length === 0 || stages.length > MAX_RELEASE_STAGES)
      this.#fail(at, `are not between 1 and ${MAX_RELEASE_STAGES}`);
    for (const [i, stage] of stages.entries()) {
      const before = stages[i - 1];
      if (before ? stage.from <= before.from : stage.from !== 0n)
        this.#fail(`${at}[${i}].from`, before ? "is not later than the one before" : "is not 0");
      if (before && stage.ratePpm * 2n < before.ratePpm)
        this.#fail(`${at}[${i}].ratePpm`, "is less than half of the one before");
    }
    return stages;
  }

  #kinds(value: unknown, at: string): KindParameters[] {
    const keys = [
      ...["name", "category", "unitCeiling", "epochCeiling", "validity"],
      ...["threshold", "verifiers"],
    ];
    const kinds = this.#list(value, at).map((entry, i) => {
      const here = `${at}[${i}]`;
      const kind = this.#object(entry, here, keys);
      const category = this.#text(kind["category"], `${here}.category`);
      const index = (CONTRIBUTIONS as readonly string[]).indexOf(category);
      if (index < 1) {
        const names = CONTRIBUTIONS.slice(1).join(", ");
        this.#fail(`${here}.category`, `is "${category}", not one of ${names}`);
      }
      const list = this.#list(kind["verifiers"], `${here}.verifiers`);
      if (list.length > MAX_VERIFIERS) this.#fail(`${here}.verifiers`, `are over ${MAX_VERIFIERS}`);
      const verifiers = list.map((one, k) => this.#address(one, `${here}.verifiers[${k}]`));
      const repeated = verifiers.find((one, k) => verifiers.indexOf(one) !== k);
      if (repeated !== undefined) this.#fail(`${here}.verifiers`, `names ${repeated} twice`);
      const points = this.#points(kind["unitCeiling"], `${here}.unitCeiling`);
      const epochCap = this.#points(kind["epochCeiling"], `${here}.epochCeiling`);
      if (epochCap < points) this.#fail(`${here}.epochCeiling`, "is less than that of one unit");
      return {
        name: this.#short(kind["name"], `${here}.name`),
        category: BigInt(index),
        pointsPerUnit: points,
        epochCap,
        longest: this.#integer(kind["validity"], `${here}.validity`, ...VALIDITY),
        threshold: this.#integer(
          kind["threshold"],
          `${here}.threshold`,
          1n,
          BigInt(verifiers.length),
        ),
        verifiers,
      };
    });
    const names = kinds.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) this.#fail(at, `has "${twice}" twice`);
    return kinds;
  }

  /** Whole OPA that something earns at most, as points of one gwei. */
  #points(value: unknown, at: string): bigint {
    const points = this.#amount(value, at) / GWEI;
    if (points > MAX_POINTS) this.#fail(at, `is over ${whole(MAX_POINTS * GWEI)} OPA`);
    return points;
  }

  #curves(value: unknown, at: string): Record<string, Stage[]> {
    const curves: Record<string, Stage[]> = {};
    for (const [name, curve] of Object.entries(this.#object(value, at))) {
      if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
        this.#fail(`${at}.${name}`, "is not a plain name of letters and digits");
      }
      const stages = this.#curve(curve, `${at}.${name}`);
      const fault = findCurveFault(stages);
      if (fault !== undefined) this.#fail(`${at}.${name}`, fault);
      curves[name] = stages;
    }
    return curves;
  }

  #curve(value: unknown, at: string): Stage[] {
    if (Array.isArray(value)) {
      return this.#list(value, at).map((entry, i) => {
        const stage = this.#object(entry, `${at}[${i}]`, ["offset", "share"], ["linear"]);
        const linear = stage["linear"] ?? false;
        return {
          offset: this.#integer(stage["offset"], `${at}[${i}].offset`, 0n),
          share: this.#share(stage["share"], `${at}[${i}].share`),
          linear: this.#boolean(linear, `${at}[${i}].linear`),
        };
      });
    }

    const shape = this.#object(value, at);
    if ("cliff" in shape) {
      const curve = this.#object(value, at, ["cliff", "cliffShare", "end"]);
      return expandCliff({
        cliff: this.#integer(curve["cliff"], `${at}.cliff`, 0n),
        cliffShare: this.#share(curve["cliffShare"], `${at}.cliffShare`),
        end: this.#integer(curve["end"], `${at}.end`, 1n),
      });
    }

    const curve = this.#object(value, at, [], ["atStart", "every", "count"]);
    const atStart =
      curve["atStart"] === undefined ? 0n : this.#share(curve["atStart"], `${at}.atStart`);
    if (curve["every"] === undefined && curve["count"] === undefined) {
      return expandSteps({ atStart, every: 0n, count: 0n });
    }
    return expandSteps({
      atStart,
      every: this.#integer(curve["every"], `${at}.every`, 1n),
      count: this.#integer(curve["count"], `${at}.count`, 1n, 96n),
    });
  }

  #allocations(
    value: unknown,
    at: string,
    start: bigint,
    curves: Record<string, Stage[]>,
  ): Pick<Parameters, "transfers" | "grants"> {
    const transfers: TransferParameters[] = [];
    const grants: GrantParameters[] = [];
    let sum = 0n;
    for (const [label, entry] of Object.entries(this.#object(value, at))) {
      const here = `${at}.${label}`;
      if (byteLength(label) > MAX_NAME_BYTES) this.#fail(here, "has a name of over 31 bytes");
      const direct = "to" in this.#object(entry, here);
      const allocation = direct
        ? this.#object(entry, here, ["amount", "to"])
        : this.#object(entry, here, ["amount", "curve", "schedules"], ["revocable"]);
      const amount = this.#amount(allocation["amount"], `${here}.amount`);
      sum += amount;
      if (direct) {
        const to = allocation["to"];
        if (to !== "systemReserve" && to !== "incentiveVault")
          this.#fail(`${here}.to`, `is not "systemReserve" or "incentiveVault"`);
        transfers.push({ label, to, amount });
      } else grants.push(...this.#grants(allocation, here, label, start, curves, amount));
    }

    if (sum !== SUPPLY) {
      this.#fail(at, `add up to ${whole(sum)} OPA instead of the supply of ${whole(SUPPLY)}`);
    }
    if (grants.length > MAX_SCHEDULES) {
      this.#fail(at, `have ${grants.length} schedules; ${MAX_SCHEDULES} fit one transaction`);
    }
    const used = new Set(grants.map((grant) => grant.curve));
    const unused = Object.keys(curves).find((curve) => !used.has(curve));
    if (unused !== undefined) this.#fail(`release.curves.${unused}`, "is used by no allocation");
    return { transfers, grants };
  }

  #grants(
    allocation: Record<string, unknown>,
    at: string,
    label: string,
    start: bigint,
    curves: Record<string, Stage[]>,
    amount: bigint,
  ): GrantParameters[] {
    const curve = this.#text(allocation["curve"], `${at}.curve`);
    if (!Object.hasOwn(curves, curve)) {
      this.#fail(`${at}.curve`, `names "${curve}", which is not among release.curves`);
    }
    const revocable = this.#boolean(allocation["revocable"] ?? false, `${at}.revocable`);
    const grants = this.#list(allocation["schedules"], `${at}.schedules`).map((entry, i) => {
      const here = `${at}.schedules[${i}]`;
      const schedule = this.#object(entry, here, ["beneficiary", "amount"]);
      return {
        label,
        beneficiary: this.#address(schedule["beneficiary"], `${here}.beneficiary`),
        start,
        curve,
        revocable,
        amount: this.#amount(schedule["amount"], `${here}.amount`),
      };
    });

    const sum = grants.reduce((total, grant) => total + grant.amount, 0n);
    if (sum !== amount) {
      this.#fail(`${at}.schedules`, `add up to ${whole(sum)} OPA instead of ${whole(amount)}`);
    }
    return grants;
  }

  #resources(value: unknown, at: string): ResourceParameters[] {
    const keys = ["name", "unit", "category", "weight", "minimumTier", "rate", "floor", "ceiling"];
    const resources = this.#list(value, at).map((entry, i) => {
      const here = `${at}[${i}]`;
      const resource = this.#object(entry, here, keys, ["target"]);
      const category = this.#text(resource["category"], `${here}.category`);
      const index = (CATEGORIES as readonly string[]).indexOf(category);
      if (index < 0) {
        this.#fail(`${here}.category`, `is "${category}", not one of ${CATEGORIES.join(", ")}`);
      }
      const rates = this.#rates(resource, here);
      const target =
        resource["target"] === undefined
          ? 0n
          : this.#integer(resource["target"], `${here}.target`, 1n, MAX_TARGET);
      return {
        name: this.#short(resource["name"], `${here}.name`),
        unit: this.#short(resource["unit"], `${here}.unit`),
        category: BigInt(index),
        weight: this.#integer(resource["weight"], `${here}.weight`, 1n, 2n ** 32n - 1n),
        minimumTier: this.#integer(resource["minimumTier"], `${here}.minimumTier`, 0n, MAX_TIER),
        ...rates,
        target,
        policy: target === 0n ? 0n : LOAD_POLICY,
      };
    });

    if (resources.length > MAX_RESOURCES) this.#fail(at, `are over ${MAX_RESOURCES}`);
    const names = resources.map(({ name }) => name);
    const repeated = names.find((name, i) => names.indexOf(name) !== i);
    if (repeated !== undefined) this.#fail(at, `has "${repeated}" twice`);
    return resources;
  }

  #rates(resource: Record<string, unknown>, at: string) {
    const read = (key: string) => {
      const rate = this.#integer(resource[key], `${at}.${key}`, ...RATE);
      if (rate % GWEI !== 0n) this.#fail(`${at}.${key}`, "is not a whole number of gwei");
      return rate;
    };
    const rates = { rate: read("rate"), floor: read("floor"), ceiling: read("ceiling") };
    if (rates.rate < rates.floor) this.#fail(`${at}.rate`, "is below the floor");
    if (rates.rate > rates.ceiling) this.#fail(`${at}.rate`, "is above the ceiling");
    return rates;
  }

  /** The object at a path; with `required` given, exactly these keys and any of `optional`. */
  #object(
    value: unknown,
    at: string,
    required?: string[],
    optional: string[] = [],
  ): Record<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#fail(at, value === undefined ? "is missing" : "is not an object");
    }
    const object = value as Record<string, unknown>;
    if (required !== undefined) {
      const prefix = at === "" ? "" : `${at}.`;
      const allowed = [...required, ...optional];
      const unknown = Object.keys(object).find((key) => !allowed.includes(key));
      if (unknown !== undefined) this.#fail(`${prefix}${unknown}`, "is not known");
      const missing = required.find((key) => object[key] === undefined);
      if (missing !== undefined) this.#fail(`${prefix}${missing}`, "is missing");
    }
    return object;
  }

  #list(value: unknown, at: string): unknown[] {
    if (!Array.isArray(value)) this.#fail(at, "is not a list");
    if (value.length === 0) this.#fail(at, "is empty");
    return value as unknown[];
  }

  #integer(value: unknown, at: string, minimum: bigint, maximum?: bigint): bigint {
    const isInteger = typeof value === "number" && Number.isSafeInteger(value);
    const isDigits = typeof value === "string" && /^\d+$/.test(value);
    if (!isInteger && !isDigits) this.#fail(at, "is not a whole number");

    const number = BigInt(value);
    if (number < minimum) this.#fail(at, `is ${String(number)}; at least ${String(minimum)}`);
    if (maximum !== undefined && number > maximum) {
      this.#fail(at, `is ${String(number)}; at most ${String(maximum)}`);
    }
    return number;
  }

  #amount(value: unknown, at: string): bigint {
    if (typeof value !== "string" || !/^[1-9]\d{0,8}$/.test(value)) {
      this.#fail(at, `is not a whole number of OPA above zero, written as a string`);
    }
    return parseEther(value);
  }

  #share(value: unknown, at: string): bigint {
    const share = typeof value === "string" ? parseShare(value) : undefined;
    if (share === undefined) this.#fail(at, `is not a share like "10%" or "1/3" of at most 100%`);
    return share;
  }

  #boolean(value: unknown, at: string): boolean {
    if (typeof value !== "boolean") this.#fail(at, "is not true or false");
    return value;
  }

  #text(value: unknown, at: string): string {
    if (typeof value !== "string" || value === "") this.#fail(at, "is not a text");
    return value;
  }

  #short(value: unknown, at: string): string {
    const text = this.#text(value, at);
    if (byteLength(text) > MAX_NAME_BYTES) this.#fail(at, "is over 31 bytes long");
    return text;
  }

  #address(value: unknown, at: string): string {
    const text = this.#resolve(value, at);
    if (typeof text !== "string" || !isAddress(text) || !text.startsWith("0x")) {
      this.#fail(at, "is not an address with a valid checksum");
    }
    const address = getAddress(text);
    if (address === ZeroAddress) this.#fail(at, "is the zero address");
    return address;
  }

  /** What `env:NAME` stands for, or the value itself. */
  #resolve(value: unknown, at: string): unknown {
    const name = typeof value === "string" ? /^env:(\w+)$/.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    const resolved = this.#environment[name];
    if (resolved === undefined || resolved === "") {
      this.#fail(at, `comes from the environment variable ${name}, which is not set`);
    }
    return resolved;
  }

  #fail(at: string, what: string): never {
    throw new ParameterError(`${this.#file}: ${at === "" ? "the content" : at} ${what}.`);
  }
}

/** Whole OPA of an amount in wei, as text. */
function whole(amount: bigint): string {
  return (amount / OPA).toString();
}
