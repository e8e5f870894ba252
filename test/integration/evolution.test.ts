import { expect } from "chai";
import { encodeBytes32String, TypedDataEncoder } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { readInterfaceIds } from "../../deploy/lib/interface-ids.js";
import { NETWORKS } from "../../deploy/networks.js";
import { buildStatement, domainOf, reasonOf, signStatement } from "../../sdk/index.js";
import { DELEGATION_TYPES } from "../support/governance.js";
import { deploySuite } from "../support/suite.js";
import {
  decide,
  deployInUse,
  outcome,
  statementFor,
  type Action,
  type InUse,
} from "../support/upgrade.js";
import { packed } from "../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const METER = 1n;
const SETTLEMENT = encodeBytes32String("settlement");
const UNITS = 1_000_000n;

/** Everything that an upgrade must not lose. */
async function holdings({ meter, nodes, pool, vault, lock, ...suite }: InUse) {
  const { alice, provider, voter } = suite;
  const { allTime } = await meter.providerUsageOf(provider);
  return {
    credit: await meter.creditOf(alice),
    stake: (await nodes.stakeOf(provider)).staked,
    points: allTime.burned,
    earned: await pool.claimableOf(provider),
    locked: (await lock.lockOf(voter)).amount,
    vesting: await vault.unreleased(),
  };
}

/** A second settlement, in use beside the first by a decision. */
async function upgraded() {
  const suite = await deployInUse(connection);
  const { accessManager, meter, directory, settlement } = suite;
  const second = await ethers.deployContract("Settlement", [meter]);
  const { settlement: interfaceId } = await readInterfaceIds();
  const sync = meter.interface.encodeFunctionData("syncMeter", [await second.getAddress()]);
  const manager = accessManager.interface;
  await suite.settlement.settle(packed([await statementFor(suite, settlement, UNITS)]));
  const before = await holdings(suite);
  await decide(
    suite,
    [
      [accessManager, manager.encodeFunctionData("grantRole", [METER, second.target, 0n])],
      [meter, sync],
      [
        directory,
        directory.interface.encodeFunctionData("register", [
          SETTLEMENT,
          second.target,
          interfaceId,
        ]),
      ],
    ],
    "A second settlement joins",
  );
  return { ...suite, second, before };
}

type Upgraded = Awaited<ReturnType<typeof upgraded>>;

describe("Evolution (EVO-1, EVO-2, EVO-3, abuse case 77)", function () {
  describe("a second settlement", function () {
    it("joins by votes alone, and nothing is lost by it", async function () {
      const suite = await networkHelpers.loadFixture(upgraded);
      const { meter, before, directory, second, settlement } = suite;

      expect(await directory.currentOf(SETTLEMENT)).to.equal(second);
      expect(await directory.versionsOf(SETTLEMENT)).to.deep.equal([
        settlement.target,
        second.target,
      ]);
      for (const verifier of [settlement, second])
        expect(await meter.isMeter(verifier)).to.equal(true);
      const after = await holdings(suite);
      expect({ ...after, earned: 0n, vesting: 0n }).to.deep.equal({
        ...before,
        earned: 0n,
        vesting: 0n,
      });
      expect(after.earned).to.be.greaterThan(before.earned); // its epoch is over by now
      expect(after.vesting).to.equal(before.vesting);
    });

    it("settles beside the first; no statement settles in both, and no unit twice", async function () {
      const suite = await networkHelpers.loadFixture(upgraded);
      const { alice, meter, provider, second, settlement } = suite;
      const forFirst = await statementFor(suite, settlement, 2n * UNITS);
      const forSecond = await statementFor(suite, second, 3n * UNITS);

      expect(await outcome(second, forFirst)).to.equal("InvalidSignature");
      expect(await outcome(settlement, forSecond)).to.equal("InvalidSignature");
      expect(await outcome(settlement, forFirst)).to.equal("None");
      expect(await outcome(second, forSecond)).to.equal("None");
      expect((await meter.lineOf(alice, provider, 1n)).cumulativeUnits).to.equal(3n * UNITS);
      expect(await outcome(settlement, forFirst)).to.equal("NothingNew");
      expect(await outcome(second, forSecond)).to.equal("NothingNew");
      const same = await statementFor(suite, second, 2n * UNITS);
      expect(await outcome(second, same)).to.equal("NothingNew");
    });

    it("continues the running totals of the first, and charges one credit and one set of points, to the wei", async function () {
      const suite = await networkHelpers.loadFixture(upgraded);
      const { meter, alice, provider, registry, second, settlement, token } = suite;
      const price = await registry.unitPriceOf(1n, await registry.currentEpoch());
      const supply = await token.totalSupply();
      const credit = await meter.creditOf(alice);
      const points = (await meter.providerUsageOf(provider)).allTime.burned;

      await settlement.settle(packed([await statementFor(suite, settlement, 2n * UNITS)]));
      await second.settle(packed([await statementFor(suite, second, 3n * UNITS)]));

      expect(await meter.creditOf(alice)).to.equal(credit - 2n * UNITS * price);
      expect(await token.totalSupply()).to.equal(supply - 2n * UNITS * price);
      expect((await meter.providerUsageOf(provider)).allTime.burned).to.equal(
        points + 2n * UNITS * price,
      );
    });

    /** The decision by which the first settlement ends. */
    async function end(suite: Upgraded, atLast?: () => Promise<void>) {
      const { accessManager, meter, settlement } = suite;
      const sync = meter.interface.encodeFunctionData("syncMeter", [settlement.target]);
      const revoke = accessManager.interface.encodeFunctionData("revokeRole", [
        METER,
        settlement.target,
      ]);
      const actions: Action[] = [
        [accessManager, revoke],
        [meter, sync],
      ];
      await decide(suite, actions, "The first settlement ends", atLast);
    }

    it("outlives the first, which drains: what was signed by its end has settled, to the wei", async function () {
      const suite = await networkHelpers.loadFixture(upgraded);
      const { meter, alice, provider, registry, second, settlement } = suite;
      const earlier = await holdings(suite);
      let due = 0n;

      await end(suite, async () => {
        const price = await registry.unitPriceOf(1n, await registry.currentEpoch());
        due = 8n * UNITS * price;
        for (const total of [4n * UNITS, 9n * UNITS])
          expect(await outcome(settlement, await statementFor(suite, settlement, total))).to.equal(
            "None",
          );
      });

      const line = await meter.lineOf(alice, provider, 1n);
      expect(line.cumulativeUnits).to.equal(9n * UNITS);
      const later = await holdings(suite);
      expect(later.credit).to.equal(earlier.credit - due);
      expect(later.points).to.equal(earlier.points + due);
      expect(later.stake).to.equal(earlier.stake);
      expect(await outcome(second, await statementFor(suite, second, 10n * UNITS))).to.equal(
        "None",
      );
      expect(await meter.creditOf(alice)).to.be.lessThan(later.credit);
    });

    it("lets users leave the first with everything, where late statements burn nothing", async function () {
      const suite = await networkHelpers.loadFixture(upgraded);
      const { meter, alice, pool, provider, second, settlement } = suite;
      const late = await statementFor(suite, settlement, 3n * UNITS);
      await end(suite);
      const { credit, stake } = await holdings(suite);

      // Refused as a whole, whether the statement is still good or has expired meanwhile.
      for (const statement of [await statementFor(suite, settlement, 3n * UNITS), late])
        await expect(settlement.settle(packed([statement])))
          .to.be.revertedWithCustomError(meter, "AccessManagedUnauthorized")
          .withArgs(settlement);
      expect(await outcome(second, await statementFor(suite, second, 2n * UNITS))).to.equal("None");
      await meter.connect(alice).withdraw(alice, alice, await meter.creditOf(alice));
      await pool.claim(provider);
      expect(credit).to.be.greaterThan(0n);
      expect(stake).to.be.greaterThan(0n);
      expect((await meter.lineOf(alice, provider, 1n)).cumulativeUnits).to.equal(2n * UNITS);
    });
  });

  describe("a second system (EVO-3)", function () {
    /** Two suites at the same addresses of two chains. */
    async function twins() {
      const override = { chainId: Number(NETWORKS["sepolia"]?.chainId) };
      const elsewhere: NetworkConnection = await network.create({ override });
      const here: NetworkConnection = await network.create();
      const parameters = { networks: ["sepolia"] };
      const [first, twin] = [await deploySuite(here), await deploySuite(elsewhere, parameters)];
      const [, , , alice, bob] = await here.ethers.getSigners();
      if (!alice || !bob) throw new Error("five signers expected");
      expect(twin.addresses).to.deep.equal(first.addresses);
      const close = () => Promise.all([here.close(), elsewhere.close()]);
      return { first, twin, alice, bob, close };
    }

    it("rejects what was signed for the first one on another chain, at the same addresses", async function () {
      const { first, twin, alice, bob, close } = await twins();
      const statement = buildStatement({
        account: alice.address,
        priceEpoch: await first.registry.currentEpoch(),
        deadline: 2n ** 40n,
        lines: [{ provider: alice.address, resource: 1n, cumulativeUnits: 1n }],
      });
      const signed = await signStatement(alice, await domainOf(first.settlement), statement);
      const delegation = {
        account: alice.address,
        delegatee: bob.address,
        nonce: 0n,
        expiry: 2n ** 40n,
      };
      const domain = await typedDomainOf(first.lock);
      const types = DELEGATION_TYPES.AccountDelegation;
      const signature = await alice.signTypedData(domain, types, delegation);
      const form = "delegateBySig(address,address,uint256,uint256,bytes)" as const;
      const args = [alice.address, bob.address, 0n, 2n ** 40n, signature] as const;

      const [ours] = await first.settlement.settle.staticCall(packed([signed]));
      const [theirs] = await twin.settlement.settle.staticCall(packed([signed]));

      expect(reasonOf(ours?.reason ?? 0n).name).to.equal("None");
      expect(reasonOf(ours?.reasons.at(0) ?? 0n).name).to.equal("ProviderUnknown");
      expect(reasonOf(theirs?.reason ?? 0n).name).to.equal("InvalidSignature");
      await first.lock[form](...args);
      await expect(twin.lock[form](...args))
        .to.be.revertedWithCustomError(twin.lock, "GovernanceLockInvalidSignature")
        .withArgs(alice);
      await close();
    });

    it("binds everything that is signed to its chain and to the contract that takes it", async function () {
      const { first, twin, close } = await twins();

      for (const key of [
        "token",
        "settlement",
        "lock",
        "governor",
        "attestations",
        "slashing",
      ] as const) {
        const [here, there] = [await typedDomainOf(first[key]), await typedDomainOf(twin[key])];
        expect(here.verifyingContract, key).to.equal(first.addresses[key]);
        expect([here.chainId, there.chainId], key).to.deep.equal([31_337n, 11_155_111n]);
        expect(TypedDataEncoder.hashDomain(here)).to.not.equal(TypedDataEncoder.hashDomain(there));
      }
      await close();
    });
  });
});

/** Domain that a contract says it signs for (ERC-5267). */
async function typedDomainOf(contract: Pick<InUse["lock"], "eip712Domain">) {
  const { fields, name, version, chainId, verifyingContract } = await contract.eip712Domain();
  expect(fields).to.equal("0x0f"); // name, version, chain and contract
  return { name, version, chainId, verifyingContract };
}
