import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import type { ContractRunner } from "ethers";
import { network } from "hardhat";

import * as bounds from "../../deploy/parameters/bounds.js";
import { IBoundedParameter__factory } from "../../typechain-types/index.js";
import { DAY, HOUR, OPA } from "../../sdk/units.js";
import { deploySuite } from "../support/suite.js";

const connection = await network.create();
const { networkHelpers } = connection;

const RESOURCE = 1;

async function fixture() {
  return deploySuite(connection);
}

/** Cells of each row of a document's tables, by their first cell. */
function readRows(file: string): Map<string, string[]> {
  const text = readFileSync(path.join(import.meta.dirname, "../..", file), "utf8");
  const rows = [...text.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) =>
    row.split("|").map((cell) => cell.trim()),
  );
  return new Map(rows.map(([name = "", ...cells]) => [name, cells]));
}

const ROWS = readRows("docs/audit/parameters.md");

const inOpa = (wei: bigint): string => `${(wei / OPA).toLocaleString("en-US")} OPA`;
const inPercent = (bps: bigint): string => `${Number(bps) / 100}%`;
const plain = (value: bigint): string => (value === 2n ** 63n ? "2^63" : String(value));

/** Seconds in the largest unit that fits; 48 hours stay hours. */
function inTime(seconds: bigint): string {
  const isDays = seconds % DAY === 0n && seconds !== 2n * DAY;
  const [count, unit] = isDays ? [seconds / DAY, "day"] : [seconds / HOUR, "hour"];
  return `${count} ${unit}${count === 1n ? "" : "s"}`;
}

describe("docs/audit/parameters.md (INT-5)", function () {
  /** Bounds of a parameter, as the document writes them. */
  async function describeBounds(
    address: string,
    runner: ContractRunner | null,
    parameter: string,
    format: (value: bigint) => string,
  ): Promise<string[]> {
    const contract = IBoundedParameter__factory.connect(address, runner);
    const { bounds: of } = await contract.parameterOf(parameter);
    return [
      ...[format(of.minimum), format(of.maximum), inPercent(of.stepBps)],
      ...[inTime(of.cooldown), inTime(of.notice)],
    ];
  }

  it("has the bounds of every bounded parameter of a deployment", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { accessPolicy, governor, incentiveVault, nodes, registry, stageCap } = suite;
    const cases = [
      [
        "κ, share of a burn that is released",
        incentiveVault,
        await incentiveVault.KAPPA(),
        inPercent,
      ],
      ["share held back that opens the reserve", stageCap, await stageCap.SHARE(), inPercent],
      ["floor of the quorum", governor, await governor.QUORUM_FLOOR(), inOpa],
      ["lock power for tier 1", accessPolicy, await accessPolicy.LOCK_THRESHOLD(), inOpa],
      ["score for tier 1", accessPolicy, await accessPolicy.SCORE_THRESHOLD(), inOpa],
      ["minimum stake of a category", nodes, await nodes.minimumStakeParameter(0), inOpa],
      ["target of a resource, in units", registry, await registry.targetParameter(RESOURCE), plain],
    ] as const;

    for (const [name, contract, parameter, format] of cases) {
      const found = await describeBounds(
        await contract.getAddress(),
        contract.runner,
        parameter,
        format,
      );
      expect(ROWS.get(name)?.slice(1), name).to.deep.equal(found);
    }
  });

  it("has step, cooldown and notice of a rate, which moves between the floor and the ceiling of its resource", async function () {
    const { registry } = await networkHelpers.loadFixture(fixture);
    const { floor, ceiling } = await registry.resourceOf(RESOURCE);

    const found = await describeBounds(
      await registry.getAddress(),
      registry.runner,
      await registry.rateParameter(RESOURCE),
      (value) => (value === floor ? "its floor" : value === ceiling ? "its ceiling" : "other"),
    );

    expect(ROWS.get("rate of a resource")?.slice(1)).to.deep.equal(found);
  });

  for (const [name, [minimum, maximum], format] of [
    ["voting delay", bounds.GOVERNANCE.votingDelay, inTime],
    ["voting period", bounds.GOVERNANCE.votingPeriod, inTime],
    ["proposal threshold", bounds.GOVERNANCE.proposalThreshold, inOpa],
    ["quorum", bounds.GOVERNANCE.quorumPercent, (percent: bigint) => `${percent}%`],
    ["vote extension", bounds.GOVERNANCE.voteExtension, inTime],
    ["timelock delay", bounds.MIN_DELAY, inTime],
  ] as const) {
    it(`has the bounds of the ${name}`, function () {
      const expected = [format(minimum), format(maximum)].map((text) =>
        text.replace("48 hours", "2 days"),
      );

      expect(ROWS.get(name)).to.deep.equal(expected);
    });
  }
});
