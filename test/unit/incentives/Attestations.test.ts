import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import { hashAttestation, signAttestation } from "../../../sdk/index.js";
import { deployAttestations, Kind } from "../../support/incentives.js";
import { OPA, send } from "../../support/release.js";

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
  it("needs a pool", async function () {
    const { attestations, authority } = await networkHelpers.loadFixture(fixture);

    await expect(
      ethers.deployContract("Attestations", [ZeroAddress, authority]),
    ).to.be.revertedWithCustomError(attestations, "AttestationsZeroAddress");
  });

  describe("kinds", function () {
    it("are defined, changed and retired by GOVERNANCE alone", async function () {
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

    it("are refused without name, points or room for a unit, for provision, and with a long name", async function () {
      const { attestations, params } = await networkHelpers.loadFixture(fixture);

      for (const changes of [
        { name: "" },
        { category: Kind.Provision },
        { pointsPerUnit: 0n },
        { epochCap: 9n },
      ])
        await expect(attestations.defineKind({ ...params, ...changes }))
          .to.be.revertedWithCustomError(attestations, "AttestationsInvalidKind")
          .withArgs(changes.name ?? params.name);
      await expect(
        attestations.defineKind({ ...params, name: "x".repeat(32) }),
      ).to.be.revertedWithCustomError(attestations, "StringTooLong");
    });

    it("are refused with a threshold of zero or over their verifiers", async function () {
      const { attestations, params } = await networkHelpers.loadFixture(fixture);

      for (const threshold of [0n, 4n, 255n])
        await expect(attestations.defineKind({ ...params, threshold }))
          .to.be.revertedWithCustomError(attestations, "AttestationsInvalidThreshold")
          .withArgs(threshold, 3n);
      await expect(attestations.setVerifiers(1n, [], 0n))
        .to.be.revertedWithCustomError(attestations, "AttestationsInvalidThreshold")
        .withArgs(0n, 0n);
    });

    it("are refused with a verifier that is nobody or named twice, and with over 32", async function () {
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
        .withArgs(2n, "support", Kind.Support, 10n, 100n);
      await expect(sent)
        .to.emit(attestations, "VerifiersChanged")
        .withArgs(2n, params.verifiers, 2n);
      expect(await attestations.kindCount()).to.equal(2n);
      const kind = await attestations.kindOf(2n);
      expect([kind.name, kind.category, kind.pointsPerUnit, kind.epochCap]).to.deep.equal([
        "support",
        Kind.Support,
        10n,
        100n,
      ]);
      expect([kind.threshold, kind.retired, [...kind.verifiers]]).to.deep.equal([
        2n,
        false,
        params.verifiers,
      ]);
      expect((await attestations.kindOf(9n)).name).to.equal("");
    });

    it("are retired for ever", async function () {
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
    it("records points for whoever submits what enough verifiers signed (INC-I10)", async function () {
      const { attestations, pool, alice, stranger, sign, draft, domain } =
        await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign({ units: 3n });
      expect(await attestations.hashAttestation(attestation)).to.equal(
        hashAttestation(domain, draft({ units: 3n })),
      );

      const sent = attestations.connect(stranger).attest(attestation, signers, signatures);

      await expect(sent)
        .to.emit(attestations, "ContributionAttested")
        .withArgs(1n, alice, attestation.evidence, 3n, 30n);
      await expect(sent)
        .to.emit(pool, "PointsRecorded")
        .withArgs(alice, Kind.Maintenance, 11n, 30n);
      expect(await attestations.isCounted(attestation.evidence)).to.equal(true);
      expect(await attestations.pointsLeft(1n, alice)).to.equal(70n);
      expect(await pool.pointsOf(alice, Kind.Maintenance)).to.equal(30n);
    });

    it("counts evidence once, also for another account or kind (INC-I10)", async function () {
      const { attestations, params, bob, sign } = await networkHelpers.loadFixture(fixture);
      const first = await sign();
      await attestations.defineKind({ ...params, name: "twin" });
      await attestations.attest(first.attestation, first.signers, first.signatures);

      for (const again of [first, await sign({ account: bob.address }), await sign({ kind: 2n })])
        await expect(attestations.attest(again.attestation, again.signers, again.signatures))
          .to.be.revertedWithCustomError(attestations, "AttestationsRepeatedEvidence")
          .withArgs(first.attestation.evidence);
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
      const { attestations, alice, enter, sign } = await networkHelpers.loadFixture(fixture);
      const full = await sign({ units: 10n });
      const more = await sign({ units: 1n, evidence: ethers.id("more") });
      await attestations.attest(full.attestation, full.signers, full.signatures);

      await expect(attestations.attest(more.attestation, more.signers, more.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsCapExceeded")
        .withArgs(alice, 10n, 0n);
      const huge = await sign({ units: 2n ** 64n - 1n, evidence: ethers.id("huge") });
      await expect(attestations.attest(huge.attestation, huge.signers, huge.signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsCapExceeded")
        .withArgs(alice, (2n ** 64n - 1n) * 10n, 0n);
      await enter(12n);
      await attestations.attest(more.attestation, more.signers, more.signatures);
      expect(await attestations.pointsLeft(1n, alice)).to.equal(90n);
    });

    it("needs exactly as many signers and signatures as the threshold", async function () {
      const { attestations, verifiers, sign } = await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();
      const all = await sign({}, verifiers);

      for (const [who, what] of [
        [signers.slice(1), signatures.slice(1)],
        [signers, signatures.slice(1)],
        [all.signers, all.signatures],
        [[], []],
      ] as const)
        await expect(attestations.attest(attestation, [...who], [...what]))
          .to.be.revertedWithCustomError(attestations, "AttestationsWrongSignerCount")
          .withArgs(who.length, what.length, 2n);
    });

    it("takes each verifier once, in ascending order (INC-I10)", async function () {
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
        [{ account: ZeroAddress }, ZeroAddress, 10n],
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
      await attestations.setVerifiers(1n, [wallet], 1n);
      const attestAs = async (behaviour: number) => {
        await send(wallet, "behave", behaviour);
        const { attestation, signatures } = await sign({ evidence: ethers.id(`${behaviour}`) }, [
          first,
        ]);
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

    it("takes no signature of a verifier that was replaced", async function () {
      const { attestations, params, verifiers, sign } = await networkHelpers.loadFixture(fixture);
      const { attestation, signers, signatures } = await sign();

      await attestations.setVerifiers(1n, params.verifiers.slice(1), 2n);

      await expect(attestations.attest(attestation, signers, signatures))
        .to.be.revertedWithCustomError(attestations, "AttestationsInvalidSigner")
        .withArgs(verifiers[0]);
      expect([...(await attestations.kindOf(1n)).verifiers]).to.have.length(2);
    });

    it("earns a share of what its epoch released", async function () {
      const { attestations, pool, alice, provider, sign, use, enter } =
        await networkHelpers.loadFixture(fixture);
      await use(provider, 10n ** 9n);
      const { attestation, signers, signatures } = await sign();
      await attestations.attest(attestation, signers, signatures);
      await enter(12n);

      expect(await pool.claimableOf(alice)).to.equal(OPA / 20n);
    });
  });
});
