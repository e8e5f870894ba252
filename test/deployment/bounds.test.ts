import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

import * as bounds from "../../deploy/parameters/bounds.js";
import { MAX_STAGES } from "../../deploy/parameters/curves.js";
import { listFiles } from "../../scripts/checks/files.js";

const ROOT = path.join(import.meta.dirname, "../..");
const UNITS: Readonly<Record<string, bigint>> = {
  wei: 1n,
  gwei: 10n ** 9n,
  ether: 10n ** 18n,
  seconds: 1n,
  hours: 3_600n,
  days: 86_400n,
  weeks: 604_800n,
};

/** The text of every contract and library. */
const SOURCES = listFiles(ROOT, "contracts")
  .filter((file) => file.endsWith(".sol"))
  .map((file) => readFileSync(path.join(ROOT, file), "utf8"))
  .join("\n");

/** A number as Solidity writes it: digits, a unit, a power, the largest of a type. */
function evaluate(expression: string): bigint | undefined {
  const number = /^(\d[\d_]*)(?:e(\d+))?(?:\s+(\w+))?$/.exec(expression);
  if (number) {
    const [, digits = "", exponent = "0", unit = "wei"] = number;
    return BigInt(digits.replaceAll("_", "")) * 10n ** BigInt(exponent) * (UNITS[unit] ?? 0n);
  }
  const power = /^(\d+) ?\*\* ?(\d+)$/.exec(expression);
  if (power) return BigInt(power[1] ?? 0) ** BigInt(power[2] ?? 0);
  const largest = /^type\(uint(\d+)\)\.max$/.exec(expression);
  if (largest) return 2n ** BigInt(largest[1] ?? 0) - 1n;
  return undefined;
}

/** Every value that a constant of this name has in the contracts. */
function constantsOf(name: string): bigint[] {
  const pattern = new RegExp(`\\bconstant ${name} = ([^;]+);`, "g");
  const values = [...SOURCES.matchAll(pattern)].map(([, text = ""]) => evaluate(text.trim()));
  return values.flatMap((value) => value ?? []);
}

describe("bounds of the parameter file", function () {
  const { SUPPLY, MIN_DELAY, CHALLENGE_PERIOD, MINIMUM_STAKE, MAX_CLAIM_LIMIT } = bounds;
  const { KAPPA, MAX_VERIFIERS, MAX_RESOURCES, MAX_TARGET, MAX_TIER, PRICE_WINDOW } = bounds;
  const { CLAIM_GRACE, RATE, LONGEST_PAUSE, MAX_RATE_PPM, MAX_RELEASE_STAGES } = bounds;
  const CASES: [name: string, constant: string, value: bigint | number][] = [
    ["the supply", "INITIAL_SUPPLY", SUPPLY],
    ["the shortest delay of the timelock", "SHORTEST_DELAY", MIN_DELAY[0]],
    ["the longest delay of the timelock", "LONGEST_DELAY", MIN_DELAY[1]],
    ["the time in which a fault can be vetoed", "CHALLENGE_PERIOD", CHALLENGE_PERIOD],
    ["the largest minimum stake", "LARGEST_MINIMUM", MINIMUM_STAKE[1]],
    ["the largest claim limit", "MAX_CLAIM_LIMIT", MAX_CLAIM_LIMIT],
    ["the smallest κ", "MIN_KAPPA_BPS", KAPPA[0]],
    ["the largest κ", "MAX_KAPPA_BPS", KAPPA[1]],
    ["the verifiers of a kind", "MAX_VERIFIERS", MAX_VERIFIERS],
    ["the resources", "MAX_RESOURCES", MAX_RESOURCES],
    ["the largest target", "MAX_TARGET", MAX_TARGET],
    ["the highest tier", "MAX_TIER", MAX_TIER],
    ["the epochs whose prices are kept", "PRICE_WINDOW", PRICE_WINDOW],
    ["the unit of rates", "PRICE_STEP", RATE[0]],
    ["the shortest grace of a claim", "MIN_GRACE", CLAIM_GRACE[0]],
    ["the longest grace of a claim", "MAX_GRACE", CLAIM_GRACE[1]],
    ["the longest pause of a guardian", "MAX_GUARDIAN_PAUSE", LONGEST_PAUSE],
    ["the fastest release", "MAX_RATE_PPM", MAX_RATE_PPM],
    ["the stages of the release", "MAX_STAGES", MAX_RELEASE_STAGES],
    ["the stages of a curve", "MAX_STAGES", MAX_STAGES],
  ];
  for (const [name, constant, value] of CASES) {
    it(`have ${name} of the contracts' ${constant}`, function () {
      expect(constantsOf(constant).map(String)).to.include(String(value));
    });
  }

  const SETTINGS: [name: keyof typeof bounds.GOVERNANCE, pattern: RegExp][] = [
    ["votingDelay", /_checkSetting\("voting-delay", .*, ([^,;\n]+), ([^,;)\n]+)\);/],
    ["votingPeriod", /_checkSetting\("voting-period", .*, ([^,;\n]+), ([^,;)\n]+)\);/],
    ["proposalThreshold", /_checkSetting\("proposal-threshold", .*, ([^,;\n]+), ([^,;)\n]+)\);/],
    ["quorumPercent", /_checkSetting\("quorum-percent", .*, ([^,;\n]+), ([^,;)\n]+)\);/],
    ["voteExtension", /_checkSetting\("vote-extension", .*, ([^,;\n]+), ([^,;)\n]+)\);/],
    ["quorumFloor", /_define\(QUORUM_FLOOR, .*Bounds\(([^,]+), ([^,]+),/],
  ];
  for (const [name, pattern] of SETTINGS) {
    it(`have those of the Governor's ${name}`, function () {
      const [, ...ends] = pattern.exec(SOURCES) ?? [];

      const values = ends.map((end) => evaluate(end) ?? constantsOf(end)[0]);

      expect(values.map(String)).to.deep.equal(bounds.GOVERNANCE[name].map(String));
    });
  }
});
