import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import json5 from "json5";

import { expandSteps, findCurveFault, parseShare } from "../../deploy/parameters/curves.js";
import {
  hashParameters,
  listParameterNames,
  loadParameters,
  parseParameters,
} from "../../deploy/parameters/reader.js";
import { ParameterError } from "../../deploy/parameters/schema.js";
import { INITIAL_SUPPLY } from "../support/release.js";

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const ENVIRONMENT = {
  OPA_PROPOSAL_GUARDIAN_ADDRESS: ADDRESS,
  OPA_PAUSE_GUARDIAN_ADDRESS: "0x0000000000000000000000000000000000000009",
  OPA_REPORTER_ADDRESS: "0x000000000000000000000000000000000000000A",
  OPA_VERIFIER_1_ADDRESS: "0x0000000000000000000000000000000000000001",
  OPA_VERIFIER_2_ADDRESS: "0x0000000000000000000000000000000000000002",
  OPA_VERIFIER_3_ADDRESS: "0x0000000000000000000000000000000000000003",
  OPA_ECOSYSTEM_ADDRESS: ADDRESS,
  OPA_CONTRIBUTORS_ADDRESS: ADDRESS,
  OPA_ADVISORS_ADDRESS: ADDRESS,
  OPA_OPERATIONS_ADDRESS: ADDRESS,
  OPA_ONBOARDING_ADDRESS: ADDRESS,
};

const PUBLIC = ["sepolia", "baseSepolia", "opSepolia", "arbitrumSepolia"];

type Json = Record<string, unknown>;

/** The content of the local file, to change. */
function local(): Json {
  const file = path.join(import.meta.dirname, "../../deploy/parameters/local.json5");
  return json5.parse<Json>(readFileSync(file, "utf8"));
}

/** Sets the value at a path; undefined removes it. */
function put(content: Json, at: string, value: unknown): Json {
  const keys = at.split("/");
  const last = keys.pop() ?? "";
  let node = content;
  for (const key of keys) node = node[key] as Json;
  if (value === undefined) Reflect.deleteProperty(node, last);
  else node[last] = value;
  return content;
}

/** Faults that the reader finds in a file. */
function complaint(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ParameterError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("parameters", function () {
  describe("loadParameters", function () {
    it("reads the file of every network, which share out exactly the supply", function () {
      expect(listParameterNames()).to.deep.equal(["local", "testnet"]);
      for (const name of listParameterNames()) {
        const { transfers, grants } = loadParameters(name, ENVIRONMENT);
        const sum = [...transfers, ...grants].reduce((total, { amount }) => total + amount, 0n);
        expect(sum).to.equal(INITIAL_SUPPLY);
      }
    });

    it("has the same numbers for the test network", function () {
      const { curves, resources, epoch, settlementWindow, claimGrace, nodes, incentives, kinds } =
        loadParameters("local");
      const testnet = loadParameters("testnet", ENVIRONMENT);

      expect(testnet.networks).to.deep.equal(PUBLIC);
      expect(testnet.timelock).to.deep.equal({ minDelay: 172_800n });
      expect(testnet.guardians).to.deep.equal({
        proposals: ADDRESS,
        pauses: ENVIRONMENT.OPA_PAUSE_GUARDIAN_ADDRESS,
      });
      const { governance, burnLimits, heldBackShare } = loadParameters("local");
      expect([testnet.governance, testnet.burnLimits, testnet.heldBackShare]).to.deep.equal([
        governance,
        burnLimits,
        heldBackShare,
      ]);
      expect(testnet.curves).to.deep.equal(curves);
      expect(testnet.resources).to.deep.equal(resources);
      expect(testnet.epoch).to.deep.equal(epoch);
      expect(testnet.nodes).to.deep.equal({
        ...nodes,
        reporter: ENVIRONMENT.OPA_REPORTER_ADDRESS,
      });
      expect(testnet.incentives).to.deep.equal(incentives);
      expect(testnet.kinds.map((kind) => ({ ...kind, verifiers: [] }))).to.deep.equal(
        kinds.map((kind) => ({ ...kind, verifiers: [] })),
      );
      expect([testnet.settlementWindow, testnet.claimGrace]).to.deep.equal([
        settlementWindow,
        claimGrace,
      ]);
    });

    for (const variable of Object.keys(ENVIRONMENT)) {
      it(`names ${variable} if it is not set`, function () {
        const environment = { ...ENVIRONMENT, [variable]: undefined };

        expect(complaint(() => loadParameters("testnet", environment))).to.include(
          `comes from the environment variable ${variable}, which is not set.`,
        );
      });
    }

    it("names the files there are", function () {
      expect(complaint(() => loadParameters("../local"))).to.equal(
        'There are no parameters named "../local"; there are: local, testnet.',
      );
    });
  });

  describe("parseParameters", function () {
    const allocations = "release/allocations";
    const CASES: [string, unknown, string][] = [
      ["extra", 1, "extra is not known"],
      ["epoch/extra", 1, "epoch.extra is not known"],
      ["epoch", undefined, "epoch is missing"],
      ["epoch", [], "epoch is not an object"],
      ["epoch/genesis", undefined, "epoch.genesis is missing"],
      ["epoch/genesis", "soon", "epoch.genesis is not a whole number"],
      ["epoch/genesis", 1.5, "epoch.genesis is not a whole number"],
      ["epoch/duration", 0, "epoch.duration is 0; at least 3600"],
      ["epoch/duration", 9e9, "epoch.duration is 9000000000; at most 2592000"],
      ["networks", [], "networks is empty"],
      ["networks/0", "moon", 'networks[0] is "moon", not one of localhost, sepolia, '],
      ["settlementWindow", 0, "settlementWindow is 0; at least 1"],
      ["settlementWindow", 31, "settlementWindow is 31; at most 7"],
      ["claimGrace", 3599, "claimGrace is 3599; at least 3600"],
      ["access", undefined, "access is missing"],
      ["access/lockThreshold", "0", "access.lockThreshold is not a whole number of OPA above zero"],
      ["access/scoreThreshold", "800000001", "access.scoreThreshold is more than the supply"],
      ["timelock/minDelay", 86_399, "timelock.minDelay is 86399; at least 86400"],
      ["governance/votingDelay", 3_599, "governance.votingDelay is 3599; at least 3600"],
      ["governance/votingPeriod", 86_399, "governance.votingPeriod is 86399; at least 86400"],
      ["governance/voteExtension", 172_801, "governance.voteExtension is 172801; at most 172800"],
      [
        "governance/votingPeriod",
        8 * 86_400,
        "s to decide with the timelock, longer than the 1036800 s in which a fault can be vetoed",
      ],
      ["governance/quorumPercent", 1, "governance.quorumPercent is 1; at least 2"],
      ["governance/quorumPercent", 31, "governance.quorumPercent is 31; at most 30"],
      ["governance/proposalThreshold", "999", "OPA, not between 1000 and 8000000"],
      ["governance/quorumFloor", "80000001", "OPA, not between 100000 and 80000000"],
      ["guardians/pauses", "0x12", "guardians.pauses is not an address"],
      [
        "guardians/proposals",
        ADDRESS.replace("C51", "c51"),
        "guardians.proposals is not an address with a valid checksum",
      ],
      ["guardians/proposals", `0x${"0".repeat(40)}`, "guardians.proposals is the zero address"],
      [
        "burnLimits/account",
        "600001",
        "burnLimits.account is 600001 OPA, more than the 600000 of all accounts",
      ],
      [
        "reserve/heldBackShare",
        "4%",
        "reserve.heldBackShare is 400 basis points, not between 5% and 90%",
      ],
      [
        "reserve/heldBackShare",
        "90.01%",
        "reserve.heldBackShare is 9001 basis points, not between 5% and 90%",
      ],
      [
        "incentives/claimLimit",
        "16000001",
        "incentives.claimLimit is 16000001 OPA, not between 0 and 16000000",
      ],
      ["incentives/claimLimit", "0", "incentives.claimLimit is not a whole number of OPA"],
      ["nodes/reporter", undefined, "nodes.reporter is missing"],
      ["nodes/reporter", "somebody", "nodes.reporter is not an address with a valid checksum"],
      [
        "nodes/reporter",
        ADDRESS,
        `nodes.reporter is ${ADDRESS}, which is guardians.proposals too; one account has one office`,
      ],
      [
        "nodes/reporter",
        "timelock",
        "nodes.reporter is the timelock: from its proposal on a fault takes 1987200 s, and a node that leaves then is free after 1814400 s, so less than 1555200 s are needed; name an account",
      ],
      ["design", undefined, "design is missing"],
      ["design/accounts", 0, "design.accounts is 0; at least 1"],
      ["design/units/water", 1, "design.units.water is not known"],
      ["design/units", {}, "design.units burn nothing"],
      [
        "design/units/input-token",
        4_000_001,
        "resources[0].target is 4000000 units, and the design load of input-token is 4000001",
      ],
      [
        "nodes/minimumStake/compute",
        "62999",
        "nodes.minimumStake.compute is earned in 90 days at the design load (700 OPA a day), not in 90 to 400",
      ],
      [
        "nodes/minimumStake/compute",
        "280001",
        "nodes.minimumStake.compute is earned in 400 days at the design load (700 OPA a day), not in 90 to 400",
      ],
      [
        "burnLimits/total",
        "5000000",
        "burnLimits.total is 166.7 times the 30000 OPA that the design load burns in an epoch, not 10 to 40 times",
      ],
      [
        "burnLimits/account",
        "59000",
        "burnLimits.account is 9.8 times the 6000 OPA that an account burns in an epoch, not 10 to 40 times",
      ],
      [
        "incentives/claimLimit",
        "1000000",
        "incentives.claimLimit is 66.7 times the 15000 OPA that the design load releases in an epoch, not 10 to 40 times",
      ],
      [
        "incentives/stages/0/ratePpm",
        93,
        "incentives.stages[0].ratePpm binds at 59520 OPA burned in an epoch, 2.0 times the design load, not 2 to 10 times",
      ],
      ["nodes", undefined, "nodes is missing"],
      ["nodes/minimumStake/data", undefined, "nodes.minimumStake.data is missing"],
      ["nodes/minimumStake/data", "0", "nodes.minimumStake.data is not a whole number of OPA"],
      [
        "nodes/minimumStake/data",
        "1000001",
        "nodes.minimumStake.data is 1000001 OPA, not between 1 and 1000000",
      ],
      ["nodes/minimumStake/water", "1", "nodes.minimumStake.water is not known"],
      ["incentives/kappa", "9%", "incentives.kappa is 900 basis points, not between 10% and 90%"],
      [
        "incentives/kappa",
        "90.01%",
        "incentives.kappa is 9001 basis points, not between 10% and 90%",
      ],
      ["incentives/kappa", "50.001%", "incentives.kappa is not a whole number of basis points"],
      ["incentives/kappa", 0.5, "incentives.kappa is not a share"],
      [
        "incentives/shares/other",
        "6%",
        "incentives.shares add up to 10600 basis points, not to 100%",
      ],
      [
        "incentives/shares",
        { provision: "70%", maintenance: "10%", optimisation: "10%", support: "5%", other: "5%" },
        "incentives.shares.other is 500 basis points, but no kind is of that category",
      ],
      [
        "incentives/shares",
        { provision: "80%", maintenance: "10%", optimisation: "10%", support: "0%", other: "0%" },
        "incentives.shares.support is 0%, but a kind is of that category",
      ],
      ["incentives/shares/other", undefined, "incentives.shares.other is missing"],
      ["incentives/stages", [], "incentives.stages is empty"],
      ["incentives/stages/0/from", 1, "incentives.stages[0].from is 1, not 0"],
      [
        "incentives/stages/1/from",
        0,
        "incentives.stages[1].from is 0, not later than the one before",
      ],
      [
        "incentives/stages/0/ratePpm",
        10_001,
        "incentives.stages[0].ratePpm is 10001; at most 10000",
      ],
      [
        "incentives/stages/1/ratePpm",
        99,
        "stages[1].ratePpm is 99, less than half of the one before",
      ],
      [
        "incentives/stages",
        Array.from({ length: 9 }, (_, from) => ({ from, ratePpm: 1 })),
        "incentives.stages are 9; at most 8",
      ],
      ["incentives/kinds/0/category", "provision", 'is "provision", not one of maintenance,'],
      ["incentives/kinds/0/unitCeiling", "0", "kinds[0].unitCeiling is not a whole number of OPA"],
      ["incentives/kinds/0/unitCeiling", "72057595", "kinds[0].unitCeiling is over 72057594 OPA"],
      ["incentives/kinds/0/epochCeiling", "49", "epochCeiling is less than that of one unit"],
      ["incentives/kinds/0/validity", 3_599, "kinds[0].validity is 3599; at least 3600"],
      ["incentives/kinds/0/validity", 7_776_001, "kinds[0].validity is 7776001; at most 7776000"],
      ["incentives/kinds/0/threshold", 0, "kinds[0].threshold is 0; at least 1"],
      ["incentives/kinds/0/threshold", 4, "kinds[0].threshold is 4; at most 3"],
      ["incentives/kinds/0/verifiers", [], "kinds[0].verifiers is empty"],
      ["incentives/kinds/0/verifiers", [ADDRESS, ADDRESS], `verifiers name "${ADDRESS}" twice`],
      [
        "incentives/kinds/0/verifiers",
        Array.from({ length: 33 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, "0")}`),
        "kinds[0].verifiers are 33; at most 32",
      ],
      ["incentives/kinds/1/name", "support-case", 'incentives.kinds has "support-case" twice'],
      ["release/start", 0, "release.start is 0; at least 1"],
      ["release/curves/Bad-name", { atStart: "100%" }, "release.curves.Bad-name is not a plain"],
      [
        "release/curves/spare",
        { atStart: "100%" },
        "release.curves.spare is used by no allocation",
      ],
      ["release/curves/atStart", { atStart: "99%" }, "ends at 990000000 parts per billion"],
      [
        "release/curves/atStart",
        { atStart: "all" },
        "release.curves.atStart.atStart is not a share",
      ],
      ["release/curves/monthly/every", 0, "release.curves.monthly.every is 0; at least 1"],
      ["release/curves/monthly/count", 97, "release.curves.monthly.count is 97; at most 96"],
      ["release/curves/monthly/often", 1, "release.curves.monthly.often is not known"],
      ["release/curves/yearCliff/end", 5, "has a stage 1 that does not come after the one before"],
      ["release/curves/yearCliff/linear", true, "release.curves.yearCliff.linear is not known"],
      [
        "release/curves/atStart",
        [{ offset: 0, share: "100%", linear: "no" }],
        "release.curves.atStart[0].linear is not true or false",
      ],
      [`${allocations}/ecosystem/amount`, "1", "add up to 120000000 OPA instead of 1"],
      [`${allocations}/ecosystem/amount`, 120_000_000, "is not a whole number of OPA above zero"],
      [`${allocations}/incentive-vault/amount`, "0", "is not a whole number of OPA above zero"],
      [
        `${allocations}/incentive-vault/amount`,
        "320000001",
        "release.allocations add up to 800000001 OPA instead of the supply of 800000000",
      ],
      [
        `${allocations}/incentive-vault/to`,
        ADDRESS,
        'incentive-vault.to is not "systemReserve" or "incentiveVault"',
      ],
      [`${allocations}/incentive-vault/curve`, "monthly", "incentive-vault.curve is not known"],
      [`${allocations}/ecosystem/curve`, "weekly", 'names "weekly", which is not among'],
      [`${allocations}/ecosystem/revocable`, "yes", "ecosystem.revocable is not true or false"],
      [`${allocations}/ecosystem/schedules`, [], "ecosystem.schedules is empty"],
      [
        `${allocations}/ecosystem/schedules/0/beneficiary`,
        "nobody",
        "release.allocations.ecosystem.schedules[0].beneficiary is not an address",
      ],
      [`${allocations}/${"x".repeat(32)}`, {}, "has a name of over 31 bytes"],
      ["resources", [], "resources is empty"],
      ["resources/0/name", "", "resources[0].name is not a text"],
      ["resources/0/name", "x".repeat(32), "over 31 bytes long"],
      ["resources/0/name", "output-token", 'resources has "output-token" twice'],
      ["resources/0/category", "water", 'resources[0].category is "water", not one of compute,'],
      ["resources/0/weight", 0, "resources[0].weight is 0; at least 1"],
      ["resources/0/minimumTier", 8, "resources[0].minimumTier is 8; at most 7"],
      [
        "resources/0/rate",
        "1000000001",
        "resources[0].rate is 1000000001, no whole number of gwei",
      ],
      ["resources/0/floor", "1", "resources[0].floor is 1; at least 1000000000"],
      ["resources/1/ceiling", "4294967296000000000", "at most 4294967295000000000"],
      [
        "resources/1/rate",
        "399000000000000",
        "resources[1].rate is 399000000000000, below the floor of 400000000000000",
      ],
      [
        "resources/1/rate",
        "40001000000000000",
        "resources[1].rate is 40001000000000000, above the ceiling of 40000000000000000",
      ],
      ["resources/1/target", 0, "resources[1].target is 0; at least 1"],
    ];
    for (const [at, value, expected] of CASES) {
      it(`says "${expected}" for ${at}`, function () {
        const content = put(local(), at, value);

        const message = complaint(() => parseParameters("local", content));

        expect(message).to.match(/^local\.json5: .+\.$/);
        expect(message).to.include(expected);
      });
    }

    it("starts schedules at the epoch genesis unless told otherwise", function () {
      const other = parseParameters("local", put(local(), "release/start", 5));

      expect(loadParameters("local").grants[0]?.start).to.equal(1_767_225_600n);
      expect(other.grants[0]?.start).to.equal(5n);
    });
  });

  describe("together", function () {
    const CASES: [string, (content: Json) => void, string][] = [
      [
        "an extension longer than the vote",
        (content) => {
          put(content, "governance/votingPeriod", 86_400);
          put(content, "governance/voteExtension", 86_401);
        },
        "governance.voteExtension is 86401, longer than the vote of 86400 that it extends",
      ],
      [
        "guardians that are the same",
        (content) => put(content, "guardians/pauses", ADDRESS),
        `guardians.pauses is ${ADDRESS}, which is guardians.proposals too; one account has one office`,
      ],
      [
        "a verifier who is a guardian",
        (content) => put(content, "incentives/kinds/0/verifiers/0", ADDRESS),
        `incentives.kinds.verifiers is ${ADDRESS}, which is guardians.proposals too`,
      ],
      [
        "more schedules than one transaction makes (P3)",
        (content) => {
          const at = "release/allocations/ecosystem/schedules";
          put(
            content,
            at,
            Array.from({ length: 181 }, (_, i) => ({
              beneficiary: ADDRESS,
              amount: i === 0 ? "119999820" : "1",
            })),
          );
        },
        "schedules; 180 fit one transaction",
      ],
      [
        "a grace that a pause outlasts",
        (content) => put(content, "claimGrace", 259_200),
        "claimGrace is 259200, not longer than the 259200 s for which a guardian can pause settlement",
      ],
    ];
    for (const [name, change, expected] of CASES) {
      it(`refuses ${name}`, function () {
        const content = local();
        change(content);

        expect(complaint(() => parseParameters("local", content))).to.include(expected);
      });
    }

    it("names all that is wrong at once, one sentence each", function () {
      const content = local();
      put(content, "extra", 1);
      const many = local();
      put(many, "claimGrace", 3_599);
      put(many, "resources/0/rate", "1");
      put(many, "resources/1/weight", 0);
      put(many, "incentives/kinds/1/threshold", 9);
      put(many, "guardians/pauses", "nobody");

      const lines = complaint(() => parseParameters("local", many)).split("\n");

      expect(lines).to.have.length(5);
      for (const line of lines) expect(line).to.match(/^local\.json5: [\w.[\]]+ is .+\.$/);
      expect(complaint(() => parseParameters("local", content))).to.equal(
        "local.json5: extra is not known.",
      );
    });
  });

  describe("hashParameters", function () {
    it("changes with a value and with nothing else", function () {
      const parameters = loadParameters("local");

      expect(hashParameters(loadParameters("local"))).to.equal(hashParameters(parameters));
      expect(hashParameters({ ...parameters, claimGrace: 1n })).to.not.equal(
        hashParameters(parameters),
      );
    });
  });

  describe("curves", function () {
    it("reads percentages and fractions as parts per billion", function () {
      const texts = ["10%", "12.5%", "1/3", "100%", "0.0000001%", "101%", "2/1", "1/0", "10", ""];

      expect(texts.map(parseShare)).to.deep.equal([
        100_000_000n,
        125_000_000n,
        333_333_333n,
        1_000_000_000n,
        1n,
        ...Array<undefined>(5).fill(undefined),
      ]);
    });

    it("ends equal steps at exactly 100% whatever their number", function () {
      for (let count = 1n; count <= 96n; count++) {
        const stages = expandSteps({ atStart: 0n, every: 1n, count });

        expect(stages.length).to.equal(Number(count));
        expect(stages.at(-1)?.share).to.equal(1_000_000_000n);
        expect(findCurveFault(stages)).to.equal(undefined);
      }
    });

    it("finds what the vault would refuse", function () {
      const stage = (offset: bigint, share: bigint, linear = false) => ({ offset, share, linear });

      expect(findCurveFault([])).to.equal("has no stage");
      expect(findCurveFault(expandSteps({ atStart: 1n, every: 1n, count: 96n }))).to.equal(
        "has 97 stages; 96 are allowed",
      );
      expect(findCurveFault([stage(0n, 10n ** 9n, true)])).to.include("does not come after");
      expect(findCurveFault([stage(1n, 5n), stage(2n, 4n)])).to.include("share is less");
      expect(findCurveFault([stage(2n ** 40n, 10n ** 9n)])).to.include("too far away");
    });
  });
});
