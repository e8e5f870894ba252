import { expect } from "chai";
import { concat, id, Signature, toBeHex, Wallet } from "ethers";
import { network } from "hardhat";

import {
  createAttestationDomain,
  createDomain,
  createReceiptDomain,
  hashAttestation,
  hashReceipt,
  hashRequest,
  hashStatement,
  isAttestationSigned,
  isReceiptSigned,
  isRequestSigned,
  recoverSigner,
  signAttestation,
  signReceipt,
  signRequest,
  signStatement,
  type Attestation,
  type Receipt,
  type ServiceRequest,
  type Statement,
} from "../../../sdk/index.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const CONTRACT = "0x00000000000000000000000000000000000000C0";
const ACCOUNT = "0x00000000000000000000000000000000000000A0";
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const wallet = new Wallet(id("signature test"));

/** Every spelling of a good signature that a wallet or a stranger could send, and whether the chain takes it. */
function spellings(signature: string): [name: string, signature: string, isTaken: boolean][] {
  const { r, s, v, yParity, compactSerialized } = Signature.from(signature);
  const high = toBeHex(CURVE_ORDER - BigInt(s), 32);
  const end = (last: number) => concat([r, s, toBeHex(last, 1)]);
  return [
    ["65 bytes, v of 27 or 28", signature, true],
    ["64 bytes (ERC-2098)", compactSerialized, false],
    ["v of 0 or 1", end(yParity), false],
    ["v of 35 or 36 (EIP-155)", end(35 + yParity), false],
    ["v of 26", end(26), false],
    ["v of 29", end(29), false],
    ["the other v", end(55 - v), false],
    ["the higher s", concat([r, high, toBeHex(55 - v, 1)]), false],
    ["r of zero", concat([toBeHex(0, 32), s, toBeHex(v, 1)]), false],
    ["s of zero", concat([r, toBeHex(0, 32), toBeHex(v, 1)]), false],
    ["r beyond the curve", concat([toBeHex(CURVE_ORDER, 32), s, toBeHex(v, 1)]), false],
    ["one byte more", concat([signature, "0x00"]), false],
    ["one byte less", signature.slice(0, -2), false],
    ["nothing", "0x", false],
    ["no bytes at all", "signature", false],
  ];
}

/**
 * A kind of signed value: its hash, its signing function, and the library's check of a signature.
 */
interface Kind {
  readonly name: string;
  readonly digest: string;
  readonly sign: (
    signer: Parameters<typeof signReceipt>[0],
  ) => Promise<{ signer: string; signature: string }>;
  readonly accepts: (signer: string, signature: string) => boolean;
}

function kinds(): Kind[] {
  const statements = createDomain(31_337n, CONTRACT);
  const statement: Statement = {
    ...{ account: ACCOUNT, priceEpoch: 3n, deadline: 2n ** 40n },
    lines: [{ provider: CONTRACT, resource: 1n, cumulativeUnits: 5n }],
  };
  const receipts = createReceiptDomain(31_337n, CONTRACT);
  const receipt: Receipt = {
    ...{ provider: CONTRACT, account: ACCOUNT, request: id("request"), content: id("answer") },
    uses: [{ resource: 1n, units: 5n }],
  };
  const request: ServiceRequest = {
    ...{ provider: CONTRACT, account: ACCOUNT, content: id("question"), nonce: 1n, issuedAt: 5n },
  };
  const attestations = createAttestationDomain(31_337n, CONTRACT);
  const attestation: Attestation = {
    ...{ kind: 1n, set: 1n, account: ACCOUNT, units: 5n, evidence: id("work") },
    ...{ notBefore: 0n, deadline: 2n ** 40n },
  };
  return [
    {
      name: "a statement",
      digest: hashStatement(statements, statement),
      sign: (signer) => signStatement(signer, statements, statement),
      accepts: (signer, signature) => {
        try {
          return recoverSigner(statements, statement, signature) === signer;
        } catch {
          return false;
        }
      },
    },
    {
      name: "a receipt",
      digest: hashReceipt(receipts, receipt),
      sign: (signer) => signReceipt(signer, receipts, receipt),
      accepts: (signer, signature) => isReceiptSigned(receipts, { receipt, signer, signature }),
    },
    {
      name: "a request",
      digest: hashRequest(receipts, request),
      sign: (signer) => signRequest(signer, receipts, request),
      accepts: (signer, signature) => isRequestSigned(receipts, { request, signer, signature }),
    },
    {
      name: "an attestation",
      digest: hashAttestation(attestations, attestation),
      sign: (signer) => signAttestation(signer, attestations, attestation),
      accepts: (signer, signature) =>
        isAttestationSigned(attestations, { attestation, signer, signature }),
    },
  ];
}

async function harness() {
  return ethers.deployContract("SignerCheckHarness");
}

describe("sdk/signature (bad input)", function () {
  for (const { name, digest, sign, accepts } of kinds()) {
    it(`accepts a signature of ${name} if, and only if, the chain does`, async function () {
      const chain = await networkHelpers.loadFixture(harness);
      const { signature } = await sign(wallet);

      for (const [spelling, given, isTaken] of spellings(signature)) {
        expect(accepts(wallet.address, given), `the library, ${spelling}`).to.equal(isTaken);
        if (given.startsWith("0x"))
          expect(
            await chain.getFunction("isSigned")(wallet.address, digest, given),
            `the chain, ${spelling}`,
          ).to.equal(isTaken);
      }
      expect(accepts(CONTRACT, signature)).to.equal(false);
      expect(accepts("nobody", signature)).to.equal(false);
    });

    it(`signs ${name} in the spelling that the chain takes, whichever a wallet returns`, async function () {
      const { signature } = await sign(wallet);

      for (const [spelling, given] of spellings(signature).slice(1, 4)) {
        const signer = {
          getAddress: () => Promise.resolve(wallet.address),
          signTypedData: () => Promise.resolve(given),
        };
        expect(await sign(signer), spelling).to.deep.include({ signature });
      }
    });

    it(`leaves the signature of a contract wallet for ${name} as it is`, async function () {
      const { signature } = await sign(wallet);
      const { compactSerialized } = Signature.from(signature);

      for (const given of ["0x1234", compactSerialized, signature]) {
        const signer = {
          getAddress: () => Promise.resolve(CONTRACT),
          signTypedData: () => Promise.resolve(given),
        };
        expect((await sign(signer)).signature).to.equal(given);
      }
    });
  }
});
