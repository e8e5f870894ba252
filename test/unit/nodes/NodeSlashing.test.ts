import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { concat, id, Signature, toBeHex, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { buildReceipt, receiptDomainOf, signReceipt, type Receipt } from "../../../sdk/index.js";
import { deployModules, fund } from "../../support/metering.js";
import { OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const DAY = 86_400n;
const [CHALLENGE, EXECUTION, UNBONDING] = [12n * DAY, 8n * DAY, 21n * DAY];
const [UNKNOWN, ANNOUNCED, VETOED, EXECUTED] = [0n, 1n, 2n, 3n];
const INFERENCE = 2n;
const STAKE = 1_000n * OPA;
const EVIDENCE = id("evidence");
const REQUEST = id("request");
/** Half of the order of the curve lies between the two values of s that a signature can have. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const SLASHER = 5n;

/** Alice is a node whose operator is `key`; bob has the stake that makes room below the cap of all stake. */
async function fixture() {
  const suite = await deployModules(connection);
  const { nodes, authority, token, alice, bob, key } = suite;
  for (const [person, amount, operator] of [
    [alice, STAKE, key.address],
    [bob, 100n * STAKE, ZeroAddress],
  ] as const) {
    await fund(connection, suite, person, amount);
    await token.connect(person).approve(nodes, ethers.MaxUint256);
    await nodes.connect(person).register(amount, INFERENCE, operator, "");
  }
  await nodes.connect(key).acceptOperator(alice);
  const slashing = await ethers.deployContract("NodeSlashing", [nodes, authority]);
  const { selector } = nodes.interface.getFunction("slash");
  await send(authority, "setTargetFunctionRole", nodes, [selector], SLASHER);
  await send(authority, "grantRole", SLASHER, slashing, 0n);

  const domain = await receiptDomainOf(slashing);
  const receipt = (changes: Partial<Receipt> = {}) =>
    buildReceipt({
      provider: alice.address,
      account: bob.address,
      request: REQUEST,
      uses: [{ resource: 1n, units: 100n }],
      content: id("first"),
      ...changes,
    });
  const sign = (changes: Partial<Receipt> = {}, signer: HardhatEthersSigner = key) =>
    signReceipt(signer, domain, receipt(changes));
  /** Two receipts that contradict each other. */
  const pair = async (request: string, signer: HardhatEthersSigner = key) =>
    [await sign({ request }, signer), await sign({ request, uses: units(1n) }, signer)] as const;
  /** Replaces alice's key as fast as she can; resolves to when the old one was retired. */
  const rotate = async (fresh: HardhatEthersSigner) => {
    await nodes.connect(alice).nominateOperator(fresh);
    await time.increase(2n * DAY);
    await nodes.connect(fresh).acceptOperator(alice);
    return BigInt(await time.latest());
  };
  return { ...suite, slashing, domain, receipt, sign, pair, rotate };
}

/** Use of one resource. */
function units(amount: bigint) {
  return [{ resource: 1n, units: amount }];
}

describe("NodeSlashing", function () {
  it("needs a registry", async function () {
    const { slashing, authority } = await networkHelpers.loadFixture(fixture);

    await expect(
      ethers.deployContract("NodeSlashing", [ZeroAddress, authority]),
    ).to.be.revertedWithCustomError(slashing, "NodeSlashingZeroAddress");
  });

  describe("proveEquivocation (NOD-3)", function () {
    const differing: [what: string, changes: Partial<Receipt>][] = [
      ["resource", { uses: [{ resource: 2n, units: 100n }] }],
      ["units", { uses: units(101n) }],
      ["number of resources", { uses: [...units(100n), { resource: 2n, units: 0n }] }],
      ["content", { content: id("second") }],
    ];
    for (const [what, changes] of differing)
      it(`slashes 5% for two receipts that differ in ${what}, shown by anyone`, async function () {
        const { slashing, nodes, alice, bob, key, stranger, sign } =
          await networkHelpers.loadFixture(fixture);

        const sent = slashing
          .connect(stranger)
          .proveEquivocation(await sign(), await sign(changes));

        await expect(sent)
          .to.emit(slashing, "EquivocationProven")
          .withArgs(alice, bob, REQUEST, key, stranger);
        await expect(sent)
          .to.emit(nodes, "StakeSlashed")
          .withArgs(alice, 50n * OPA, 50n * OPA, 50n * OPA);
        expect(await slashing.isProven(key, bob, REQUEST)).to.equal(true);
        expect(await slashing.isProven(key, bob, id("other"))).to.equal(false);
        expect([await slashing.isSlashed(key), await slashing.isSlashed(alice)]).to.deep.equal([
          true,
          false,
        ]);
      });

    for (const [what, changes] of [
      ["provider", { provider: "0x0000000000000000000000000000000000000b0b" }],
      ["account", { account: "0x0000000000000000000000000000000000000b0b" }],
      ["request", { request: id("another") }],
    ] as const)
      it(`reverts for receipts of another ${what}`, async function () {
        const { slashing, sign } = await networkHelpers.loadFixture(fixture);

        await expect(
          slashing.proveEquivocation(await sign(), await sign({ ...changes, uses: units(1n) })),
        ).to.be.revertedWithCustomError(slashing, "NodeSlashingUnrelatedReceipts");
      });

    it("reverts for receipts that say the same, whatever their signatures", async function () {
      const { slashing, receipt, sign } = await networkHelpers.loadFixture(fixture);
      const [first, second] = [await sign(), await sign()];

      for (const other of [second, { ...second, signature: "0x" }])
        await expect(slashing.proveEquivocation(first, other))
          .to.be.revertedWithCustomError(slashing, "NodeSlashingIdenticalReceipts")
          .withArgs(await slashing.hashReceipt(receipt()));
    });

    it("slashes each offence once, in either order and with a third receipt (NOD-I5, abuse case 56)", async function () {
      const { slashing, nodes, alice, pair, sign } = await networkHelpers.loadFixture(fixture);
      const [first, second] = await pair(REQUEST);
      const third = await sign({ uses: units(2n) });
      await slashing.proveEquivocation(first, second);

      const staked = await nodes.stakeOf(alice);
      for (const again of [
        [first, second],
        [second, first],
        [first, third],
      ] as const) {
        expect(await slashing.proveEquivocation.staticCall(...again)).to.equal(0n);
        await expect(slashing.proveEquivocation(...again)).to.not.emit(
          slashing,
          "EquivocationProven",
        );
      }
      expect(await nodes.stakeOf(alice)).to.deep.equal(staked);
      await slashing.proveEquivocation(...(await pair(id("another"))));
    });

    it("takes ECDSA signatures of 65 bytes with v 27 or 28 and the lower s only (bad input)", async function () {
      const { slashing, alice, key, pair } = await networkHelpers.loadFixture(fixture);
      const [first, second] = await pair(REQUEST);
      const { r, s: low, v, yParity, compactSerialized } = Signature.from(second.signature);
      const high = toBeHex(CURVE_ORDER - BigInt(low), 32);

      for (const signature of [
        compactSerialized,
        concat([r, low, toBeHex(yParity, 1)]),
        concat([r, low, toBeHex(35 + yParity, 1)]),
        concat([r, high, toBeHex(55 - v, 1)]),
        concat([second.signature, "0x00"]),
        second.signature.slice(0, -2),
        "0x",
      ])
        await expect(slashing.proveEquivocation(first, { ...second, signature }))
          .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidReceipt")
          .withArgs(alice, key);
      await slashing.proveEquivocation(first, second);
    });

    it("reverts for receipts of two signers, so a node that lost its records rotates its key and starts clean (NOD-I10)", async function () {
      const { slashing, nodes, alice, key, stranger, sign, pair, rotate } =
        await networkHelpers.loadFixture(fixture);
      const requests = ["first", "second", "third"].map((name) => id(name));
      const before = await Promise.all(requests.map((request) => sign({ request })));
      await rotate(stranger);

      for (const [i, request] of requests.entries()) {
        const [earlier, later] = [before[i], await sign({ request, uses: units(9n) }, stranger)];
        if (!earlier) throw new Error("a receipt expected");
        for (const both of [
          [earlier, later],
          [later, earlier],
        ] as const)
          await expect(slashing.proveEquivocation(...both)).to.be.revertedWithCustomError(
            slashing,
            "NodeSlashingUnrelatedReceipts",
          );
      }
      expect((await nodes.stakeOf(alice)).staked).to.equal(STAKE);
      // Each key answers for itself: both told two stories here, and each costs its slash.
      await slashing.proveEquivocation(...(await pair(REQUEST, key)));
      await slashing.proveEquivocation(...(await pair(REQUEST, stranger)));
      expect((await nodes.stakeOf(alice)).staked).to.equal((STAKE * 9_025n) / 10_000n);
    });

    it("reverts for a key that is not the node's, a false signature, and for nobody", async function () {
      const { slashing, alice, key, stranger, sign, pair, receipt } =
        await networkHelpers.loadFixture(fixture);
      const [good, bad] = await pair(REQUEST);

      for (const signer of [stranger, alice])
        await expect(slashing.proveEquivocation(...(await pair(REQUEST, signer))))
          .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidKey")
          .withArgs(alice, signer);
      const forged = await sign({ uses: units(1n) }, stranger);
      for (const signature of [good.signature, forged.signature])
        for (const both of [
          [good, { ...bad, signature }],
          [{ ...bad, signature }, good],
        ] as const)
          await expect(slashing.proveEquivocation(...both))
            .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidReceipt")
            .withArgs(alice, key);
      const nobody = (amount: bigint) => ({
        receipt: receipt({ provider: ZeroAddress, uses: units(amount) }),
        signer: ZeroAddress,
        signature: "0x",
      });
      await expect(slashing.proveEquivocation(nobody(0n), nobody(1n)))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidKey")
        .withArgs(ZeroAddress, ZeroAddress);
    });

    it("reverts for receipts of another chain and another deployment (abuse case 7)", async function () {
      const { slashing, nodes, authority, alice, key, domain, receipt, sign } =
        await networkHelpers.loadFixture(fixture);
      const twin = await ethers.deployContract("NodeSlashing", [nodes, authority]);

      for (const foreign of [
        { ...domain, chainId: domain.chainId + 1n },
        await receiptDomainOf(twin),
        { ...domain, version: "2" },
      ])
        await expect(
          slashing.proveEquivocation(
            await sign(),
            await signReceipt(key, foreign, receipt({ uses: units(1n) })),
          ),
        )
          .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidReceipt")
          .withArgs(alice, key);
    });

    it("counts receipts of a former key for 21 days, to the second", async function () {
      const { slashing, alice, key, stranger, pair, rotate } =
        await networkHelpers.loadFixture(fixture);
      const retiredAt = await rotate(stranger);
      const proof = await pair(REQUEST);

      await time.setNextBlockTimestamp(retiredAt + 21n * DAY);
      await expect(slashing.proveEquivocation(...proof))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidKey")
        .withArgs(alice, key);
    });

    it("slashes once in all for a retired key, in its last second too (NOD-I10)", async function () {
      const { slashing, nodes, alice, key, stranger, pair, rotate } =
        await networkHelpers.loadFixture(fixture);
      const retiredAt = await rotate(stranger);

      await time.setNextBlockTimestamp(retiredAt + 21n * DAY - 8n * DAY);
      await slashing.proveEquivocation(...(await pair(REQUEST)));
      await time.setNextBlockTimestamp(retiredAt + 21n * DAY - 1n);
      await expect(slashing.proveEquivocation(...(await pair(id("another")))))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingKeySpent")
        .withArgs(alice, key);
      expect((await nodes.stakeOf(alice)).staked).to.equal((STAKE * 95n) / 100n);
    });

    it("gives a thief of a key nothing more once the provider has rotated it (NOD-I10)", async function () {
      const { slashing, nodes, alice, key, stranger, pair, rotate } =
        await networkHelpers.loadFixture(fixture);
      // The theft is used at once, as far as the cap of a week allows; the rotation is nominated in the same minute.
      for (const request of ["a", "b"])
        await slashing.proveEquivocation(...(await pair(id(request))));
      await rotate(stranger);
      const left = (STAKE * 9_025n) / 10_000n;

      for (const days of [5n, 7n, 6n]) {
        await time.increase(days * DAY);
        await expect(slashing.proveEquivocation(...(await pair(id(`later ${days}`)))))
          .to.be.revertedWithCustomError(slashing, "NodeSlashingKeySpent")
          .withArgs(alice, key);
      }
      expect((await nodes.stakeOf(alice)).staked).to.equal(left);
    });

    it("takes no word of an operator that is a wallet contract, which could take it back", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { slashing, nodes, alice, stranger, domain, receipt } = suite;
      const wallet = await ethers.deployContract("WalletMock", [stranger]);
      await nodes.connect(alice).nominateOperator(wallet);
      await time.increase(2n * DAY);
      await networkHelpers.impersonateAccount(await wallet.getAddress());
      await networkHelpers.setBalance(await wallet.getAddress(), OPA);
      await nodes.connect(await ethers.getSigner(await wallet.getAddress())).acceptOperator(alice);
      const sign = async (amount: bigint) => ({
        ...(await signReceipt(stranger, domain, receipt({ uses: units(amount) }))),
        signer: await wallet.getAddress(),
      });

      await expect(slashing.proveEquivocation(await sign(1n), await sign(2n)))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidReceipt")
        .withArgs(alice, wallet);
    });

    it("a proof can be repeated later when a cap is reached, and slashes nothing of a provider that has left", async function () {
      const { slashing, nodes, alice, bob, key, pair } = await networkHelpers.loadFixture(fixture);
      for (const name of ["1", "2"]) await slashing.proveEquivocation(...(await pair(id(name))));

      const lost = (97_500n * OPA) / 1_000n;
      const demanded = ((STAKE - lost) * 500n) / 10_000n;
      expect(await nodes.slashableOf(alice)).to.equal(STAKE / 10n - lost);
      await expect(slashing.proveEquivocation(...(await pair(id("4")))))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingCapReached")
        .withArgs(alice, STAKE / 10n - lost, demanded);
      expect(await slashing.isProven(key, bob, id("4"))).to.equal(false);
      await time.increase(7n * DAY);
      await slashing.proveEquivocation(...(await pair(id("4"))));
      await nodes.connect(alice).exit();
      await time.increase(21n * DAY);
      await nodes.withdraw(alice);
      await expect(slashing.proveEquivocation(...(await pair(id("5")))))
        .to.be.revertedWithCustomError(nodes, "NodeStakingNothingToSlash")
        .withArgs(alice);
    });
  });

  describe("faults (NOD-4)", function () {
    const announce = async (bps = 300n) => {
      const suite = await networkHelpers.loadFixture(fixture);
      const { slashing, alice } = suite;
      const sent = slashing.announceFault(alice, bps, EVIDENCE, "ipfs://e");
      await sent;
      return { ...suite, sent, deadline: BigInt(await time.latest()) + CHALLENGE };
    };

    it("faults are announced and vetoed by their roles alone", async function () {
      const { slashing, alice, stranger } = await announce();

      for (const call of [
        () => slashing.connect(stranger).announceFault(alice, 1n, EVIDENCE, ""),
        () => slashing.connect(stranger).vetoFault(1n),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(slashing, "AccessManagedUnauthorized")
          .withArgs(stranger);
    });

    it("faults are refused for an address that is no provider, and for a share of zero or over 10%", async function () {
      const { slashing, nodes, alice, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(slashing.announceFault(stranger, 1n, EVIDENCE, ""))
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(stranger);
      for (const bps of [0n, 1_001n])
        await expect(slashing.announceFault(alice, bps, EVIDENCE, ""))
          .to.be.revertedWithCustomError(slashing, "NodeSlashingInvalidShare")
          .withArgs(bps, 1_000n);
    });

    it("fix their deadline when announced, shorter than unbonding", async function () {
      const { slashing, nodes, alice, sent, deadline } = await announce();

      await expect(sent)
        .to.emit(slashing, "FaultAnnounced")
        .withArgs(1n, alice, 300n, EVIDENCE, "ipfs://e", deadline);
      expect([...(await slashing.faultOf(1n))]).to.deep.equal([
        alice.address,
        300n,
        deadline,
        ANNOUNCED,
      ]);
      expect((await slashing.faultOf(2n)).state).to.equal(UNKNOWN);
      const periods = (await slashing.CHALLENGE_PERIOD()) + (await slashing.EXECUTION_PERIOD());
      expect(await slashing.EXECUTION_PERIOD()).to.be.greaterThan(await nodes.CAP_PERIOD());
      expect(periods).to.equal((await nodes.UNBONDING_PERIOD()) - DAY);
    });

    it("faults can be vetoed until the second before the deadline", async function () {
      const { slashing, deadline } = await announce();

      await time.setNextBlockTimestamp(deadline - 1n);
      await expect(slashing.vetoFault(1n)).to.emit(slashing, "FaultVetoed").withArgs(1n);
      for (const call of [() => slashing.vetoFault(1n), () => slashing.executeFault(1n)])
        await expect(call())
          .to.be.revertedWithCustomError(slashing, "NodeSlashingWrongState")
          .withArgs(1n, VETOED);
      await expect(slashing.executeFault(9n))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingWrongState")
        .withArgs(9n, UNKNOWN);
    });

    it("faults cannot be vetoed from the deadline on, and are executed by anyone once", async function () {
      const { slashing, nodes, alice, stranger, deadline } = await announce();

      await time.setNextBlockTimestamp(deadline - 1n);
      await expect(slashing.executeFault(1n))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingNotExecutable")
        .withArgs(1n, deadline, deadline + EXECUTION);
      await time.setNextBlockTimestamp(deadline);
      await expect(slashing.vetoFault(1n))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingVetoClosed")
        .withArgs(1n, deadline);
      const sent = slashing.connect(stranger).executeFault(1n);
      await expect(sent).to.emit(slashing, "FaultExecuted").withArgs(1n);
      await expect(sent)
        .to.emit(nodes, "StakeSlashed")
        .withArgs(alice, 30n * OPA, 30n * OPA, 30n * OPA);
      expect((await slashing.faultOf(1n)).state).to.equal(EXECUTED);
      const staked = await nodes.stakeOf(alice);
      expect(await slashing.executeFault.staticCall(1n)).to.equal(0n);
      await expect(slashing.executeFault(1n)).to.not.emit(slashing, "FaultExecuted");
      expect(await nodes.stakeOf(alice)).to.deep.equal(staked);
    });

    it("lapse eight days after the deadline, to the second", async function () {
      const { slashing, deadline } = await announce();

      await time.setNextBlockTimestamp(deadline + EXECUTION);
      await expect(slashing.executeFault(1n))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingNotExecutable")
        .withArgs(1n, deadline, deadline + EXECUTION);
    });

    it("wait when less than half is left by the caps, so that nothing uses one up (abuse case 56)", async function () {
      const { slashing, nodes, alice, pair, deadline } = await announce(1_000n);
      await slashing.announceFault(alice, 1_000n, EVIDENCE, "");
      const execute = (fault: bigint) => slashing.executeFault(fault);
      await time.increaseTo(deadline - 60n);
      for (const name of ["1", "2"]) await slashing.proveEquivocation(...(await pair(id(name))));
      const proven = BigInt(await time.latest());
      const left = (STAKE * 9_025n) / 10_000n;

      await time.increaseTo(deadline);
      await expect(execute(1n))
        .to.be.revertedWithCustomError(slashing, "NodeSlashingCapReached")
        .withArgs(alice, STAKE / 10n - (STAKE - left), left / 10n);
      expect((await slashing.faultOf(1n)).state).to.equal(ANNOUNCED);
      await time.increaseTo(proven + 7n * DAY);
      await execute(1n);
      await expect(execute(2n))
        .to.be.revertedWithCustomError(nodes, "NodeStakingNothingToSlash")
        .withArgs(alice);

      expect(await nodes.stakeOf(alice)).to.deep.equal([left - left / 10n, 0n]);
    });

    it("faults with one deadline of one provider can both be executed", async function () {
      const { slashing, nodes, alice, deadline } = await announce(1_000n);
      await slashing.announceFault(alice, 1_000n, EVIDENCE, "");
      await time.increaseTo(deadline + 60n);

      await slashing.executeFault(1n);
      await time.increase(7n * DAY);
      await slashing.executeFault(2n);

      expect(await nodes.stakeOf(alice)).to.deep.equal([(STAKE * 81n) / 100n, 0n]);
    });

    it("faults of a large provider are not blocked by small slashes of another (abuse case 56)", async function () {
      const { slashing, nodes, bob, pair } = await networkHelpers.loadFixture(fixture);
      await slashing.announceFault(bob, 500n, EVIDENCE, "");
      await time.increase(CHALLENGE);
      for (const name of ["1", "2"]) await slashing.proveEquivocation(...(await pair(id(name))));
      const lost = (STAKE * 975n) / 10_000n;

      const [demanded, left] = [5n * STAKE, (101n * STAKE) / 20n - lost];
      expect(left).to.be.lessThan(demanded);
      await expect(slashing.executeFault(1n))
        .to.emit(nodes, "StakeSlashed")
        .withArgs(bob, left, left, demanded);
    });

    it("take what the caps allow of a node that has most of all stake", async function () {
      const { slashing, nodes, bob } = await networkHelpers.loadFixture(fixture);
      await slashing.announceFault(bob, 1_000n, EVIDENCE, "");
      await time.increase(CHALLENGE);

      const all = 101n * STAKE;
      expect(await nodes.slashCapOf(bob)).to.equal(all / 20n);
      await expect(slashing.executeFault(1n))
        .to.emit(nodes, "StakeSlashed")
        .withArgs(bob, all / 20n, all / 20n, 10n * STAKE);
      expect(await nodes.slashCapOf(bob)).to.equal(all / 20n);
      expect(await nodes.slashableOf(bob)).to.equal(0n);
    });

    it("reach who begins to leave in the second of the announcement, with every step as late as it may be (NOD-I9, abuse case 56)", async function () {
      const { slashing, nodes, alice } = await networkHelpers.loadFixture(fixture);
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [false]);
      const left = await nodes.connect(alice).exit();
      const announced = await slashing.announceFault(alice, 1_000n, EVIDENCE, "");
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [true]);
      const [exit, announcement] = [await left.wait(), await announced.wait()];
      expect(exit?.blockNumber).to.equal(announcement?.blockNumber);
      const { deadline } = await slashing.faultOf(1n);
      const { exitAt } = await nodes.nodeOf(alice);
      expect(exitAt - deadline).to.equal(UNBONDING - CHALLENGE);

      await time.setNextBlockTimestamp(deadline + EXECUTION - 1n);
      await expect(slashing.executeFault(1n))
        .to.emit(nodes, "StakeSlashed")
        .withArgs(alice, 100n * OPA, 0n, 100n * OPA);
    });
  });
});
