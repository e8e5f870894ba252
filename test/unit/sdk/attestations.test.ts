import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";
import { id, Signature, Wallet } from "ethers";
import { network } from "hardhat";

import {
  makeAttestationVectors,
  parseAttestations,
  renderJson,
} from "../../../scripts/vectors/vectors.js";
import {
  attestationDomainOf,
  buildAttestation,
  collectSignatures,
  createAttestationDomain,
  hashAttestation,
  hashAttestationStruct,
  isAttestationSigned,
  signAttestation,
  type Attestation,
  type SignedAttestation,
} from "../../../sdk/index.js";
import { deployIncentives, RECORDER } from "../../support/incentives.js";
import { OPA, send } from "../../support/release.js";

const FILE = path.join(import.meta.dirname, "..", "..", "vectors", "attestations.json");
const ACCOUNT = "0x00000000000000000000000000000000000000A0";
const CONTRACT = "0x00000000000000000000000000000000000000C0";
const MAINTENANCE = 1n;
const domain = createAttestationDomain(1n, CONTRACT);
const verifiers = ["a", "b", "c", "d"].map((name) => new Wallet(id(`attestation test ${name}`)));
const connection = await network.create();
const { ethers, networkHelpers } = connection;

function draft(changes: Partial<Attestation> = {}): Attestation {
  const what = { kind: 1n, set: 1n, units: 5n, evidence: id("merged change") };
  const time = { notBefore: 1_600_000_000n, deadline: 4_000_000_000n };
  return { account: ACCOUNT, ...what, ...time, ...changes };
}

async function signAll(attestation = draft(), of = domain) {
  return Promise.all(verifiers.map((verifier) => signAttestation(verifier, of, attestation)));
}

async function attestationsFixture() {
  const suite = await deployIncentives(connection);
  const { admin, authority, meter, provider, use } = suite;
  const attestations = await ethers.deployContract("Attestations", [meter, authority]);
  await send(authority, "grantRole", RECORDER, attestations, 0n);
  await attestations.connect(admin).defineKind({
    name: "maintenance",
    category: MAINTENANCE,
    pointsPerUnit: 10n,
    epochCap: 1_000n,
    longest: 2n ** 32n - 1n,
    threshold: 3n,
    verifiers: verifiers.map(({ address }) => address),
  });
  await use(provider, OPA);
  return { ...suite, attestations };
}

describe("sdk/attestations", function () {
  describe("buildAttestation", function () {
    const refused: [string, Partial<Attestation>][] = [
      [`${2n ** 32n} does not fit 32 bits, so it cannot be the kind.`, { kind: 2n ** 32n }],
      [`${2n ** 64n} does not fit 64 bits, so it cannot be the units.`, { units: 2n ** 64n }],
      ["-1 does not fit 48 bits, so it cannot be the deadline.", { deadline: -1n }],
      [
        `${2n ** 32n} does not fit 32 bits, so it cannot be the set of verifiers.`,
        { set: 2n ** 32n },
      ],
      ["-1 does not fit 48 bits, so it cannot be the first second.", { notBefore: -1n }],
      ["An attestation cannot end at 5 before it begins at 6.", { notBefore: 6n, deadline: 5n }],
      ["An attestation needs at least one unit.", { units: 0n }],
      ['"me" is not an address, so it cannot be the account.', { account: "me" }],
      ['"proof" is not a hash of 32 bytes, so it cannot be the evidence.', { evidence: "proof" }],
    ];
    for (const [sentence, changes] of refused)
      it(`refuses: ${sentence}`, function () {
        expect(() => buildAttestation(draft(changes))).to.throw(sentence);
      });
  });

  describe("attestationDomainOf", function () {
    it("names chain and contract as the contract itself does", async function () {
      const { attestations } = await networkHelpers.loadFixture(attestationsFixture);

      const local = await attestationDomainOf(attestations);

      const digest = await attestations.hashAttestation(draft());
      expect(hashAttestation(local, draft())).to.equal(digest);
    });
  });

  describe("isAttestationSigned", function () {
    it("accepts the signer's own signature over this attestation in this domain only", async function () {
      const [signed] = await signAll();
      if (!signed) throw new Error("a signature expected");

      expect(isAttestationSigned(domain, signed)).to.equal(true);
      const moved = createAttestationDomain(2n, CONTRACT);
      expect(isAttestationSigned(moved, signed)).to.equal(false);
      const changed = { ...signed, attestation: draft({ units: 6n }) };
      expect(isAttestationSigned(domain, changed)).to.equal(false);
      expect(isAttestationSigned(domain, { ...signed, signer: ACCOUNT })).to.equal(false);
      expect(isAttestationSigned(domain, { ...signed, signature: "0x12" })).to.equal(false);
    });
  });

  describe("collectSignatures", function () {
    it("refuses none, and a threshold of none", async function () {
      const sentence = "An attestation needs at least one signature.";

      expect(() => collectSignatures(domain, [], 1)).to.throw(sentence);
      const parts = await signAll();
      expect(() => collectSignatures(domain, parts, 0)).to.throw(sentence);
    });

    it("refuses a signature of another attestation", async function () {
      const [first] = await signAll();
      const [, second] = await signAll(draft({ units: 6n }));
      if (!first || !second) throw new Error("signatures expected");

      expect(() => collectSignatures(domain, [first, second], 2)).to.throw(
        `${second.signer} signed another attestation.`,
      );
    });

    it("refuses the account as its own verifier", async function () {
      const own = verifiers[0]?.address ?? "";
      const parts = await signAll(draft({ account: own }));

      expect(() => collectSignatures(domain, parts, 2)).to.throw(
        `${own} cannot sign for its own contribution.`,
      );
    });

    it("counts a signer that is given twice once", async function () {
      const [first] = await signAll();
      if (!first) throw new Error("a signature expected");
      const again = { ...first, signer: first.signer.toLowerCase() };

      expect(() => collectSignatures(domain, [first, again], 2)).to.throw(
        "2 signers are needed, and there are 1.",
      );
    });

    it("keeps a good signature when a bad one of the same signer comes, before or after", async function () {
      const parts = await signAll();
      const [first, ...others] = parts;
      if (!first) throw new Error("a signature expected");
      const bad = { ...first, signature: Signature.from(first.signature).compactSerialized };
      const good = collectSignatures(domain, parts, 3);

      expect(isAttestationSigned(domain, bad)).to.equal(false);
      expect(collectSignatures(domain, [first, bad, ...others], 3)).to.deep.equal(good);
      expect(collectSignatures(domain, [bad, first, ...others], 3)).to.deep.equal(good);
    });

    it("chooses signatures that it can check before those of contract wallets", async function () {
      const parts = await signAll();
      const signer = "0x0000000000000000000000000000000000000001";
      const wallet: SignedAttestation = { attestation: draft(), signer, signature: "0x1234" };
      const all = [wallet, ...parts];

      expect(collectSignatures(domain, all, 3).signers).not.to.include(signer);
      expect(collectSignatures(domain, all, parts.length + 1).signers).to.include(signer);
    });

    it("gives exactly as many as are asked for, in ascending order, whatever order they came in", async function () {
      const parts = await signAll();

      const { attestation, signers, signatures } = collectSignatures(domain, parts, 3);

      expect(attestation).to.deep.equal(draft());
      expect(signers).to.have.length(3);
      expect(signers.map(BigInt)).to.deep.equal(
        signers.map(BigInt).sort((a, b) => (a < b ? -1 : 1)),
      );
      signers.forEach((signer, i) => {
        const signature = signatures[i] ?? "";
        expect(isAttestationSigned(domain, { attestation, signer, signature })).to.equal(true);
      });
      expect(collectSignatures(domain, [...parts].reverse(), 3).signers).to.deep.equal(signers);
    });

    it("gives what the contract records (INC-I12)", async function () {
      const { attestations, pool } = await networkHelpers.loadFixture(attestationsFixture);
      const local = await attestationDomainOf(attestations);
      const parts = await signAll(draft(), local);

      const { attestation, signers, signatures } = collectSignatures(local, parts, 3);
      await attestations.attest(attestation, signers, signatures);

      expect(await pool.pointsOf(ACCOUNT, MAINTENANCE)).to.equal(50n);
      expect(await attestations.countedFor(1n, attestation.evidence)).to.equal(
        hashAttestationStruct(attestation),
      );
    });
  });

  describe("golden vectors", function () {
    it("are what the library makes today", async function () {
      expect(await readFile(FILE, "utf8")).to.equal(renderJson(await makeAttestationVectors()));
    });

    it("are hashed and signed alike by the library", async function () {
      const vectors = parseAttestations(await readFile(FILE, "utf8"));

      expect(vectors).to.have.length(3);
      for (const { domain: of, attestation, privateKey, signer, ...expected } of vectors) {
        expect(hashAttestationStruct(attestation)).to.equal(expected.structHash);
        expect(hashAttestation(of, attestation)).to.equal(expected.digest);
        const signed = await signAttestation(new Wallet(privateKey), of, attestation);
        expect(signed).to.deep.equal({ attestation, signer, signature: expected.signature });
      }
    });

    it("are hashed alike by the contract, at the address that the vectors name", async function () {
      const { attestations } = await networkHelpers.loadFixture(attestationsFixture);
      const vectors = parseAttestations(await readFile(FILE, "utf8"));
      const local = vectors.filter((vector) => vector.domain.chainId === 31_337n);
      const code = await ethers.provider.getCode(attestations);

      expect(local).to.have.length(2);
      for (const { domain: of, attestation, digest } of local) {
        await networkHelpers.setCode(of.verifyingContract, code);
        const moved = attestations.attach(of.verifyingContract) as typeof attestations;
        expect(await moved.hashAttestation(attestation)).to.equal(digest);
      }
    });
  });
});
