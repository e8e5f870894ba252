import { expect } from "chai";
import { id, Wallet, ZeroHash } from "ethers";
import { createWalletClient, custom } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import {
  buildAttestation,
  buildReceipt,
  buildStatement,
  createAttestationDomain,
  createDomain,
  createReceiptDomain,
  hashStatement,
  isAttestationSigned,
  isReceiptSigned,
  recoverSigner,
  signAttestation,
  signReceipt,
  signStatement,
  STATEMENT_TYPES,
  type TypedDataParameters,
} from "../../../sdk/index.js";

const PRIVATE_KEY = id("a key of both libraries") as `0x${string}`;
const WALLET = new Wallet(PRIVATE_KEY);
const ACCOUNT = privateKeyToAccount(PRIVATE_KEY);
const CONTRACT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

const STATEMENT = buildStatement({
  ...{ account: CONTRACT, priceEpoch: 7n, deadline: 9_999n },
  lines: [
    { provider: WALLET.address, resource: 2n, cumulativeUnits: 5n },
    { provider: CONTRACT, resource: 1n, cumulativeUnits: (1n << 64n) - 1n },
  ],
});

describe("sdk/typed-message", function () {
  it("takes a signer of ethers and an account of viem, with the same signature", async function () {
    const domain = createDomain(31_337n, CONTRACT);

    const byEthers = await signStatement(WALLET, domain, STATEMENT);
    const byViem = await signStatement(ACCOUNT, domain, STATEMENT);

    expect(byViem).to.deep.equal(byEthers);
    expect(recoverSigner(domain, STATEMENT, byViem.signature)).to.equal(WALLET.address);
  });

  it("takes a client of viem that asks a browser's wallet", async function () {
    const domain = createDomain(31_337n, CONTRACT);
    const asked: unknown[] = [];
    const request = ({ method, params }: { method: string; params: [string, string] }) => {
      asked.push(method, params[0], (JSON.parse(params[1]) as { primaryType: string }).primaryType);
      return Promise.resolve("0x1234");
    };
    const client = createWalletClient({ account: CONTRACT, transport: custom({ request }) });
    const signer = {
      address: client.account.address,
      signTypedData: (message: TypedDataParameters) => client.signTypedData(message),
    };

    const signed = await signStatement(signer, domain, STATEMENT);

    expect(signed).to.deep.equal({ statement: STATEMENT, signer: CONTRACT, signature: "0x1234" });
    expect(asked).to.deep.equal(["eth_signTypedData_v4", CONTRACT, "Statement"]);
  });

  it("signs receipts and attestations with either", async function () {
    const receipts = createReceiptDomain(31_337n, CONTRACT);
    const receipt = buildReceipt({
      ...{ provider: CONTRACT, account: CONTRACT, request: ZeroHash, content: ZeroHash },
      uses: [{ resource: 1n, units: 9n }],
    });
    const attestations = createAttestationDomain(31_337n, CONTRACT);
    const attestation = buildAttestation({
      ...{ kind: 1n, set: 1n, account: CONTRACT, units: 9n, evidence: ZeroHash },
      ...{ notBefore: 8n, deadline: 9n },
    });

    const signedReceipt = await signReceipt(ACCOUNT, receipts, receipt);
    const signedAttestation = await signAttestation(ACCOUNT, attestations, attestation);

    expect(signedReceipt).to.deep.equal(await signReceipt(WALLET, receipts, receipt));
    expect(signedAttestation).to.deep.equal(
      await signAttestation(WALLET, attestations, attestation),
    );
    expect(isReceiptSigned(receipts, signedReceipt)).to.equal(true);
    expect(isAttestationSigned(attestations, signedAttestation)).to.equal(true);
  });

  it("has domains and types that viem's own calls take without a cast", async function () {
    const domain = createDomain(31_337n, CONTRACT);
    const [line] = STATEMENT.lines;

    const signature = await ACCOUNT.signTypedData({
      ...{ domain, types: STATEMENT_TYPES, primaryType: "Statement" },
      message: {
        ...{ account: CONTRACT, priceEpoch: 7, deadline: 9_999 },
        lines: [
          {
            ...{ provider: CONTRACT, resource: 1 },
            cumulativeUnits: line?.cumulativeUnits ?? 0n,
          },
        ],
      },
    });

    const statement = {
      ...STATEMENT,
      lines: line ? [{ ...line, provider: CONTRACT, resource: 1n }] : [],
    };
    expect(recoverSigner(domain, statement, signature)).to.equal(WALLET.address);
    expect(hashStatement(domain, statement)).to.match(/^0x[0-9a-f]{64}$/);
  });

  it("refuses a signer whose address is none", async function () {
    const signer = { address: "alice.example", signTypedData: () => Promise.resolve("0x") };

    const failure = await signStatement(signer, createDomain(1n, CONTRACT), STATEMENT).catch(
      (error: unknown) => error,
    );

    expect(failure).to.have.property(
      "message",
      '"alice.example" is not an address, so it cannot be the signer.',
    );
  });
});
