import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import { hashAttestation, hashAttestationStruct, signAttestation } from "../../../sdk/index.js";
import { deployAttestations, Kind, UNIT_POINTS } from "../../support/incentives.js";
import { DAY, OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

/** How a wallet contract answers, by number. */
const Wallet = {
  Honest: 0,
  AcceptsAll: 1,
  WrongMagic: 2,
  ShortReturn: 3,
  LongReturn: 4,
  Reverts: 5,
  BurnsAllGas: 6,
  ReturnBomb: 7,
};

async function fixture() {
  return deployAttestations(connection);
}

describe("Attestations (INC-2)", function () {
  it("reverts without a Meter", async function () {
    const { attestations, authority } = await networkHelpers.loadFixture(fixture);

    await expect(
      ethers.deployContract("Attestations", [ZeroAddress, authority]),
    ).to.be.revertedWithCustomError(attestations, "AttestationsZeroAddress");
  });

  it("gives a wallet contract 300,000 gas to check a signature", async function () {
    const { attestations } = await networkHelpers.loadFixture(fixture);

    expect(await attestations.WALLET_GAS()).to.equal(300_000n);
  });

  describe("kinds", function () {
    it("kinds are defined, changed and retired by GOVERNANCE alone", async function () {
      const { attestations, params, stranger } = await networkHelpers.loadFixture(fixture);
      const own = attestations.connect(stranger);

      for (const call of [
        () => own.defineKind(params),
        () => own.setVerifiers(1n, params.verifiers, 1n),
        () => own.retireKind(1n),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(attestations, "AccessManagedUnauthorized")
          .withArgs(stranger);
    });

    it("kinds are refused without name, points, validity or room for a unit, for provision, and with a long name", async function () {
      const { attestations, params } = await networkHelpers.loadFixture(fixture);

      for (const changes of [
        { name: "" },
        { category: Kind.Provision },
        { pointsPerUnit: 0n },
        { epochCap: UNIT_POINTS - 1n },
        { longest: 0n },
      ])
        await expect(attestations.defineKind({ ...params, ...changes }))
          .to.be.revertedWithCustomError(attestations, "AttestationsInvalidKind")
          .withArgs(changes.name ?? params.name);
      await expect(
        attestations.defineKind({ ...params, name: "x".repeat(32) }),
      ).to.be.revertedWithCustomError(attestations, "StringTooLong");
    });

    it("kinds are accepted with room for exactly one unit", async function () {
      const { attestations, params } = await networkHelpers.loadFixture(fixture);

      await attestations.defineKind({ ...params, epochCap: UNIT_POINTS });

      expect((await attestations.kindOf(2n)).epochCap).to.equal(UNIT_POINTS);
    });

    it("kinds are refused with a threshold of zero or over their verifiers", async function () {
      const { attestations, params } = await networkHelpers.loadFixture(fixture);

      for (const threshold of [0n, 4n, 255n])
        await expect(attestations.defineKind({ ...params, threshold }))
          .to.be.revertedWithCustomError(attestations, "AttestationsInvalidThreshold")
          .withArgs(threshold, 3n);
      await expect(attestations.setVerifiers(1n, [], 0n))
        .to.be.revertedWithCustomError(attestations, "AttestationsInvalidThreshold")
        .withArgs(0n, 0n);
    });

    it("kinds are refused with a verifier that is zero or named twice, and with over 32", async function () {
      const { attestations, params } = await networkHelpers.loadFixture(fixture);
      const [first = ""] = params.verifiers;
      const many = Array.from({ length: 33 }, (_, i) => ethers.toBeHex(i + 1, 20));

      for (const [verifiers, wrong] of [
        [[first, ZeroAddress], ZeroAddress],
        [[first, first], first],
        [many, ZeroAddress],
      ] as const)
        await expect(attestations.setVerifiers(1n, [...verifiers], 1n))
          .to.be.revertedWithCustomError(attestations, "AttestationsInvalidVerifier")
          .withArgs(wrong);
      await attestations.setVerifiers(1n, many.slice(1), 32n);
    });

    it("say everything in events, and can be read back", async function () {
      const { attestations, params } = await networkHelpers.loadFixture(fixture);

      const sent = attestations.defineKind({ ...params, name: "support", category: Kind.Support });
      await expect(sent)
        .to.emit(attestations, "KindDefined")
        .withArgs(2n, "support", Kind.Support, UNIT_POINTS, 10n * UNIT_POINTS, 30n * DAY);
      await expect(sent)
        .to.emit(attestations, "VerifiersChanged")
        .withArgs(2n, 1n, params.verifiers, 2n);
      expect(await attestations.kindCount()).to.equal(2n);
      const kind = await attestations.kindOf(2n);
      expect([...kind].slice(0, -1)).to.deep.equal([
        "support",
        Kind.Support,
        UNIT_POINTS,
        10n * UNIT_POINTS,
        30n * DAY,
        2n,
        false,
        1n,
      ]);
      expect([...kind.verifiers]).to.deep.equal(params.verifiers);
      expect((await attestations.kindOf(9n)).name).to.equal("");
    });

    it("kinds are retired for ever", async function () {
      const { attestations, params, sign } = await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();

      await expect(attestations.retireKind(1n)).to.emit(attestations, "KindRetired").withArgs(1n);

      for (const call of [
        () => attestations.retireKind(1n),
        () => attestations.setVerifiers(1n, params.verifiers, 1n),
        () => attestations.attest(attestation, signers, signatures),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(attestations, "AttestationsUnknownKind")
          .withArgs(1n);
      await expect(attestations.retireKind(2n))
        .to.be.revertedWithCustomError(attestations, "AttestationsUnknownKind")
        .withArgs(2n);
    });
  });

  describe("attest", function () {
    it("records points for whoever submits what enough verifiers signed (INC-I12)", async function () {
      const { attestations, pool, alice, stranger, sign, draft, domain } =
        await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign({ units: 3n });
      expect(await attestations.hashAttestation(attestation)).to.equal(
        hashAttestation(domain, draft({ units: 3n })),
      );

      const sent = attestations.connect(stranger).attest(attestation, signers, signatures);

      await expect(sent)
        .to.emit(attestations, "ContributionAttested")
        .withArgs(1n, alice, attestation.evidence, 3n, 3n * UNIT_POINTS);
      await expect(sent)
        .to.emit(pool, "PointsRecorded")
        .withArgs(alice, Kind.Maintenance, 11n, 3n * UNIT_POINTS);
      expect(await attestations.countedFor(1n, attestation.evidence)).to.equal(
        hashAttestationStruct(attestation),
      );
      expect(await attestations.pointsLeft(1n, alice)).to.equal(7n * UNIT_POINTS);
      expect(await pool.pointsOf(alice, Kind.Maintenance)).to.equal(3n * UNIT_POINTS);
    });

    it("adds nothing for an attestation that is recorded already, and succeeds", async function () {
      const { attestations, pool, alice, stranger, sign } =
        await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();
      await attestations.connect(stranger).attest(attestation, signers, signatures);

      const again = await (await attestations.attest(attestation, signers, signatures)).wait();

      expect(again?.logs).to.have.length(0);
      expect(await pool.pointsOf(alice, Kind.Maintenance)).to.equal(UNIT_POINTS);
    });

    it("counts evidence once per kind, also for another account (A3, INC-I12)", async function () {
      const { attestations, params, bob, stranger, verifiers, sign } =
        await networkHelpers.loadFixture(fixture);
      const [rogue] = verifiers;
      if (!rogue) throw new Error("a verifier expected");
      await attestations.defineKind({
        ...params,
        name: "weak",
        threshold: 1n,
        verifiers: [rogue.address],
      });
      const honest = await sign();
      const evil = await sign({ kind: 2n, account: stranger.address }, [rogue]);

      // A verifier of another kind cannot use up the evidence of this one.
      await attestations.attest(evil.attestation, evil.signers, evil.signatures);
      await attestations.attest(honest.attestation, honest.signers, honest.signatures);

      const other = await sign({ account: bob.address });
      await expect(attestations.attest(other.attestation, other.signers, other.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsRepeatedEvidence")
        .withArgs(1n, honest.attestation.evidence);
    });

    it("takes nothing before its first second", async function () {
      const { attestations, sign } = await networkHelpers.loadFixture(fixture);
      const notBefore = BigInt(await time.latest()) + 100n;
      const { attestation, signers, signatures } = await sign({ notBefore });

      await time.setNextBlockTimestamp(notBefore - 1n);
      await expect(attestations.attest(attestation, signers, signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsTooEarly")
        .withArgs(notBefore);
      await time.setNextBlockTimestamp(notBefore);
      await attestations.attest(attestation, signers, signatures);
    });

    it("takes nothing that is valid for longer than its kind allows", async function () {
      const { attestations, draft, sign } = await networkHelpers.loadFixture(fixture);
      const { notBefore, deadline } = draft();
      const { attestation, signers, signatures } = await sign({ deadline: deadline + 1n });

      await expect(attestations.attest(attestation, signers, signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsInvalidPeriod")
        .withArgs(notBefore, deadline + 1n, 30n * DAY);
    });

    it("takes nothing while nothing was burned in the epoch, and does not use the evidence up (A2, INC-I11)", async function () {
      const { attestations, pool, stranger, provider, alice, sign, use, enter } =
        await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();
      await enter(12n);

      await expect(attestations.connect(stranger).attest(attestation, signers, signatures))
        .to.be.revertedWithCustomError(pool, "IncentivePoolNotReleasing")
        .withArgs(12n);
      await use(provider, 1_000n * OPA);
      await attestations.attest(attestation, signers, signatures);
      expect(await pool.pointsOf(alice, Kind.Maintenance)).to.equal(UNIT_POINTS);
    });

    it("takes nothing while no pool divides the epoch", async function () {
      const { attestations, meter, provider, sign, use, enter } =
        await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();
      await meter.setBook(ZeroAddress);
      await enter(12n);
      await use(provider, 1_000n * OPA);

      await expect(attestations.attest(attestation, signers, signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsNoPool")
        .withArgs(12n);
    });

    it("goes on with the next pool, and keeps the evidence of the former one", async function () {
      const { attestations, meter, pool, provider, alice, deployPool, openPool, sign, use, enter } =
        await networkHelpers.loadFixture(fixture);
      const [one, two] = [await sign(), await sign({ evidence: ethers.id("two") })];
      await attestations.attest(one.attestation, one.signers, one.signatures);
      const next = await deployPool();
      await openPool(next);
      await meter.setBook(next);
      await enter(12n);
      await use(provider, 1_000n * OPA);

      await attestations.attest(one.attestation, one.signers, one.signatures); // adds nothing
      await attestations.attest(two.attestation, two.signers, two.signatures);
      expect(await next.pointsOf(alice, Kind.Maintenance)).to.equal(UNIT_POINTS);
      expect(await pool.pointsOf(alice, Kind.Maintenance)).to.equal(0n);
    });

    it("holds until the second of its deadline", async function () {
      const { attestations, sign } = await networkHelpers.loadFixture(fixture);
      const deadline = BigInt(await time.latest()) + 100n;
      const { attestation, signers, signatures } = await sign({ deadline });

      await time.setNextBlockTimestamp(deadline + 1n);
      await expect(attestations.attest(attestation, signers, signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsExpired")
        .withArgs(deadline);
      await time.setNextBlockTimestamp(deadline);
      await attestations.attest(attestation, signers, signatures);
    });

    it("leaves what is over the cap for a later epoch", async function () {
      const { attestations, alice, provider, use, enter, sign } =
        await networkHelpers.loadFixture(fixture);
      const full = await sign({ units: 10n });
      const more = await sign({ units: 1n, evidence: ethers.id("more") });
      await attestations.attest(full.attestation, full.signers, full.signatures);

      await expect(attestations.attest(more.attestation, more.signers, more.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsCapExceeded")
        .withArgs(alice, UNIT_POINTS, 0n);
      const huge = await sign({ units: 2n ** 64n - 1n, evidence: ethers.id("huge") });
      await expect(attestations.attest(huge.attestation, huge.signers, huge.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsCapExceeded")
        .withArgs(alice, (2n ** 64n - 1n) * UNIT_POINTS, 0n);
      await enter(12n);
      await use(provider, OPA);
      await attestations.attest(more.attestation, more.signers, more.signatures);
      expect(await attestations.pointsLeft(1n, alice)).to.equal(9n * UNIT_POINTS);
    });

    it("needs exactly as many signers and signatures as the threshold", async function () {
      const { attestations, verifiers, sign } = await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();
      const all = await sign({}, verifiers);

      for (const [who, what] of [
        [signers.slice(1), signatures.slice(1)],
        [signers, signatures.slice(1)],
        [all.signers, all.signatures],
        [all.signers, signatures],
        [signers.slice(1), signatures],
        [[], []],
      ] as const)
        await expect(attestations.attest(attestation, [...who], [...what]))
          .to.be.revertedWithCustomError(attestations, "AttestationsWrongSignerCount")
          .withArgs(who.length, what.length, 2n);
    });

    it("takes each verifier once, in ascending order (INC-I12)", async function () {
      const { attestations, sign } = await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();
      const [low = "", high = ""] = signers;
      const [first = "", second = ""] = signatures;

      for (const [who, what, wrong] of [
        [[low, low], [first, first], low],
        [[high, low], [second, first], low],
        [[ZeroAddress, low], [first, first], ZeroAddress],
      ] as const)
        await expect(attestations.attest(attestation, [...who], [...what]))
          .to.be.revertedWithCustomError(attestations, "AttestationsUnorderedSigner")
          .withArgs(wrong);
    });

    it("takes nobody who is no verifier, and no verifier for itself", async function () {
      const { attestations, verifiers, stranger, sign } = await networkHelpers.loadFixture(fixture);
      const [first, second] = verifiers;
      if (!first || !second) throw new Error("two verifiers expected");
      const foreign = await sign({}, [first, stranger]);

      await expect(attestations.attest(foreign.attestation, foreign.signers, foreign.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsInvalidSigner")
        .withArgs(stranger);
      const honest = await sign({ account: second.address }, [first]);
      const own = await signAttestation(
        second,
        (await networkHelpers.loadFixture(fixture)).domain,
        honest.attestation,
      );
      await expect(
        attestations.attest(
          honest.attestation,
          [first.address, second.address],
          [...honest.signatures, own.signature],
        ),
      )
        .to.be.revertedWithCustomError(attestations, "AttestationsInvalidSigner")
        .withArgs(second);
    });

    it("takes no signature over another chain, contract or attestation (abuse case 7)", async function () {
      const { attestations, verifiers, domain, draft, sign } =
        await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();
      const [first, second] = verifiers;
      if (!first || !second) throw new Error("two verifiers expected");
      const good = signatures[0] ?? "";

      for (const bad of [
        (await signAttestation(second, { ...domain, chainId: domain.chainId + 1n }, draft()))
          .signature,
        (await signAttestation(second, { ...domain, verifyingContract: first.address }, draft()))
          .signature,
        (await signAttestation(second, domain, draft({ units: 2n }))).signature,
        "0x",
        good,
      ])
        await expect(attestations.attest(attestation, signers, [good, bad]))
          .to.be.revertedWithCustomError(attestations, "AttestationsInvalidSignature")
          .withArgs(second);
    });

    it("records nothing for nobody, or of nothing", async function () {
      const { attestations, pool, alice, draft, verifiers, domain } =
        await networkHelpers.loadFixture(fixture);

      for (const [changes, account, points] of [
        [{ account: ZeroAddress }, ZeroAddress, UNIT_POINTS],
        [{ units: 0n }, alice.address, 0n],
      ] as const) {
        const attestation = draft(changes);
        const signed = await Promise.all(
          verifiers.slice(0, 2).map((signer) => signAttestation(signer, domain, attestation)),
        );
        await expect(
          attestations.attest(
            attestation,
            signed.map(({ signer }) => signer),
            signed.map(({ signature }) => signature),
          ),
        )
          .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidPoints")
          .withArgs(account, Kind.Maintenance, points);
      }
    });

    it("takes the word of wallet contracts, and no more than their word (ERC-1271, abuse case 11)", async function () {
      const { attestations, verifiers, sign } = await networkHelpers.loadFixture(fixture);
      const [first] = verifiers;
      if (!first) throw new Error("a verifier expected");
      const wallet = await ethers.deployContract("WalletMock", [first]);
      await attestations.setVerifiers(1n, [wallet], 1n); // set 2
      const attestAs = async (behaviour: number) => {
        await send(wallet, "behave", behaviour);
        const { attestation, signatures } = await sign(
          { set: 2n, evidence: ethers.id(`${behaviour}`) },
          [first],
        );
        return attestations.attest(attestation, [wallet], signatures, { gasLimit: 3_000_000n });
      };

      for (const behaviour of [
        Wallet.WrongMagic,
        Wallet.ShortReturn,
        Wallet.Reverts,
        Wallet.BurnsAllGas,
        Wallet.ReturnBomb,
      ])
        await expect(attestAs(behaviour))
          .to.be.revertedWithCustomError(attestations, "AttestationsInvalidSignature")
          .withArgs(wallet);
      for (const behaviour of [Wallet.Honest, Wallet.AcceptsAll, Wallet.LongReturn])
        await expect(attestAs(behaviour)).to.emit(attestations, "ContributionAttested");
    });

    it("voids every signature when verifiers or threshold change (A8)", async function () {
      const { attestations, params, verifiers, sign } = await networkHelpers.loadFixture(fixture);
      const [rogue] = verifiers;
      if (!rogue) throw new Error("a verifier expected");
      const lone = await sign({}, [rogue]);
      await expect(
        attestations.setVerifiers(1n, params.verifiers, 1n), // one signature is enough now
      )
        .to.emit(attestations, "VerifiersChanged")
        .withArgs(1n, 2n, params.verifiers, 1n);

      await expect(attestations.attest(lone.attestation, lone.signers, lone.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsWrongSet")
        .withArgs(1n, 2n);
      await attestations.setVerifiers(1n, params.verifiers.slice(1), 1n);
      await attestations.setVerifiers(1n, params.verifiers, 1n); // listed again: still void
      await expect(attestations.attest(lone.attestation, lone.signers, lone.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsWrongSet")
        .withArgs(1n, 4n);
      const fresh = await sign({ set: 4n }, [rogue]);
      await attestations.attest(fresh.attestation, fresh.signers, fresh.signatures);
    });

    it("earns a unit at most its ceiling, alone or beside others, and its share below it (A1, INC-I11)", async function () {
      const { attestations, pool, alice, bob, provider, sign, use, enter } =
        await networkHelpers.loadFixture(fixture);
      const one = await sign();
      await attestations.attest(one.attestation, one.signers, one.signatures);
      await enter(12n);
      expect(await pool.claimableOf(alice)).to.equal(10n * OPA); // of 50 OPA for maintenance
      await pool.claim(alice);

      await use(provider, 1_000n * OPA);
      for (const [account, units, evidence] of [
        [alice.address, 1n, "two"],
        [bob.address, 9n, "three"],
      ] as const) {
        const more = await sign({ account, units, evidence: ethers.id(evidence) });
        await attestations.attest(more.attestation, more.signers, more.signatures);
      }
      await enter(13n);
      expect(await pool.claimableOf(alice)).to.equal(5n * OPA); // a tenth of 50 OPA
      expect(await pool.claimableOf(bob)).to.equal(45n * OPA);
    });
  });
});
