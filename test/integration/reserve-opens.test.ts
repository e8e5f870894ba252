import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import { readInterfaceIds } from "../../deploy/lib/interface-ids.js";
import type { INecessity } from "../../typechain-types/index.js";
import { DAY, OPA } from "../support/release.js";
import { PARAMETERS } from "../support/suite.js";
import { decide, deployInUse, outcome, statementFor, type InUse } from "../support/upgrade.js";

const connection = await network.create();
const { networkHelpers, ethers } = connection;
const { time } = networkHelpers;

const HOUR = 3_600n;
const POOL = encodeBytes32String("incentive-pool");
const CLAIMS = encodeBytes32String("claims");
const UNITS = 100_000_000n; // about 100 OPA of the first resource
const CLAIM_LIMIT = OPA;
const DRAW = 1_000n * OPA;

/** As many days with an observation every eleven hours; `act` comes before each. */
async function keepUp(
  { reserve }: InUse,
  condition: INecessity,
  days: bigint,
  act: () => Promise<unknown>,
) {
  for (let halves = 2n * days + 1n; halves > 0n; halves -= 1n) {
    await act();
    await reserve.observe(condition);
    await time.increase(11n * HOUR);
  }
}

/** Carries a draw for the current pool through, while `act` keeps its condition true. */
async function draw(suite: InUse, condition: INecessity, act: () => Promise<unknown>) {
  const { directory, reserve, token } = suite;
  const module = await directory.currentOf(POOL);
  const data = reserve.interface.encodeFunctionData("request", [
    module,
    DRAW,
    await condition.getAddress(),
    "as the condition says",
  ]);
  await decide(suite, [[reserve, data]], "A draw", async () => keepUp(suite, condition, 4n, act));
  await keepUp(suite, condition, 2n, act);
  await act();
  const before = await token.balanceOf(module);

  await reserve.execute(1n);

  expect((await token.balanceOf(module)) - before).to.equal(DRAW);
  expect((await reserve.drawOf(1n)).status).to.equal(2n);
}

describe("The reserve opens (RSV-1)", function () {
  it("while a limit of the pool stays tripped by real claims, and not before", async function () {
    const { incentives } = PARAMETERS;
    const changes = { incentives: { ...incentives, claimLimit: CLAIM_LIMIT } };
    const suite = await deployInUse(connection, changes);
    const { conditions, pool, provider, settlement } = suite;
    expect(await outcome(settlement, await statementFor(suite, settlement, UNITS))).to.equal(
      "None",
    );
    await time.increase(DAY);
    expect(await pool.claimableOf(provider)).to.be.greaterThan(20n * CLAIM_LIMIT);
    expect(await conditions.claimLimit.isNecessary()).to.equal(false);

    const condition = await ethers.getContractAt("INecessity", conditions.claimLimit);
    await draw(suite, condition, async () => pool.claim(provider));

    expect(await pool.isSpent(CLAIMS)).to.equal(true);
    expect(await pool.claimableOf(provider)).to.be.greaterThan(0n);
  });

  it("while two pools overlap in a migration that was decided, and no longer", async function () {
    const suite = await deployInUse(connection);
    const { accessManager, conditions, directory, lock, nodes, pool, registry } = suite;
    const { kappa, claimLimit, shares, stages } = PARAMETERS.incentives;
    const next = await ethers.deployContract("IncentivePool", [
      registry,
      nodes,
      lock,
      pool,
      accessManager,
      kappa,
      claimLimit,
      shares,
      stages.map((stage) => ({ ...stage })),
    ]);
    const { pool: interfaceId } = await readInterfaceIds();
    const until = BigInt(await time.latest()) + 60n * DAY;
    const register = [POOL, next.target, interfaceId] as const;
    await decide(
      suite,
      [
        [directory, directory.interface.encodeFunctionData("register", [...register])],
        [directory, directory.interface.encodeFunctionData("setMigration", [POOL, until])],
      ],
      "A second pool joins",
    );

    const condition = await ethers.getContractAt("INecessity", conditions.migration);
    await draw(suite, condition, async () => Promise.resolve());

    expect(await next.isActiveIn(await registry.currentEpoch())).to.equal(false);
    expect((await next.fundsOf()).remaining).to.equal(DRAW);
    await time.increaseTo(until + 1n);
    expect(await condition.isNecessary()).to.equal(false);
  });
});
