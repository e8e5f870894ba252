import { expect } from "chai";
import { MaxUint256 } from "ethers";
import { network } from "hardhat";

import { readInterfaceIds } from "../../deploy/lib/interface-ids.js";
import { ROLES } from "../../deploy/roles/table.js";
import { DAY, OPA } from "../support/release.js";
import { PARAMETERS } from "../support/suite.js";
import {
  decide,
  deployInUse,
  outcome,
  statementFor,
  type Action,
  type InUse,
} from "../support/upgrade.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const UNITS = 1_000_000n;
const BPS = 10_000n;
const POOL = ethers.encodeBytes32String("incentive-pool");

async function inUse() {
  return deployInUse(connection);
}

/** Settles use of alice at the provider, and enters the next epoch; resolves to the burn. */
async function serve(suite: InUse, total: bigint): Promise<bigint> {
  const { settlement, token } = suite;
  const before = await token.totalBurned();
  expect(await outcome(settlement, await statementFor(suite, settlement, total))).to.equal("None");
  await time.increase(DAY);
  return (await token.totalBurned()) - before;
}

/** A call that a decision makes. */
function action(target: Action[0], name: string, args: unknown[]): Action {
  return [target, target.interface.encodeFunctionData(name, args as never)];
}

describe("Money and policy apart (EVO-1, INC-5)", function () {
  it("no captured vote takes the incentive pool: a thief that divides epochs gets κ of what they burn (G4)", async function () {
    const suite = await networkHelpers.loadFixture(inUse);
    const { accessManager, incentiveVault, meter, token } = suite;
    const thief = await ethers.deployContract("DistributorMock");
    await thief.set(0n, MaxUint256); // asks for everything
    const held = await token.balanceOf(incentiveVault);
    expect(held).to.equal(320_000_000n * OPA);

    await decide(
      suite,
      [
        action(meter, "setBook", [await thief.getAddress()]),
        action(accessManager, "grantRole", [ROLES.RECORDER.id, await thief.getAddress(), 0n]),
        action(incentiveVault, "announce", [await incentiveVault.KAPPA(), 6_000n]),
      ],
      "Take everything",
    );
    await time.increase(10n * DAY);
    const burned = await serve(suite, UNITS);
    await incentiveVault.close();

    const got = await token.balanceOf(thief);
    expect(burned).to.be.greaterThan(0n);
    expect(got).to.equal((burned * 6_000n) / BPS);
    expect(await token.balanceOf(incentiveVault)).to.equal(held - got);
    expect(got * BPS <= (await token.totalBurned()) * 9_000n).to.equal(true);
  });

  it("replaces the pool by one decision: the former pays what it owes, the next one what follows", async function () {
    const suite = await networkHelpers.loadFixture(inUse);
    const { accessManager, accessPolicy, attestations, directory, incentiveVault } = suite;
    const { lock, meter, nodes, pool, provider, token } = suite;
    const { claimLimit, shares, kappa } = PARAMETERS.incentives;
    const first = await serve(suite, UNITS);
    const next = await ethers.deployContract("IncentivePool", [
      ...[incentiveVault, nodes, lock, accessManager],
      ...[claimLimit, shares],
    ] as never);
    const { selector } = next.interface.getFunction("recordPoints");
    const { pool: interfaceId } = await readInterfaceIds();
    await decide(
      suite,
      [
        action(accessManager, "setTargetFunctionRole", [
          await next.getAddress(),
          [selector],
          ROLES.RECORDER.id,
        ]),
        action(meter, "setBook", [await next.getAddress()]),
        action(accessPolicy, "setScores", [[await next.getAddress(), await pool.getAddress()]]),
        action(directory, "register", [POOL, await next.getAddress(), interfaceId]),
      ],
      "A second pool",
    );
    await time.increase(DAY);
    const second = await serve(suite, 3n * UNITS);

    const part = (burned: bigint) => (((burned * kappa) / BPS) * (shares[0] ?? 0n)) / BPS;
    const before = await token.balanceOf(provider);
    expect(await pool.claimableOf(provider)).to.equal(part(first));
    expect(await next.claimableOf(provider)).to.equal(part(second));
    await pool.claim(provider);
    await next.claim(provider);
    expect((await token.balanceOf(provider)) - before).to.equal(part(first) + part(second));
    expect(await attestations.METER()).to.equal(await meter.getAddress());
    const [former, present] = [await pool.scoreOf(provider), await next.scoreOf(provider)];
    expect([former > 0n, present > 0n]).to.deep.equal([true, true]);
    expect(await accessPolicy.scoreOf(provider)).to.equal(former + present);
  });
});
