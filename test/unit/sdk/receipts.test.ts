import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";
import { id, Wallet } from "ethers";
import { network } from "hardhat";

import { makeReceiptVectors, parseReceipts, renderJson } from "../../../scripts/vectors/vectors.js";
import {
  buildReceipt,
  createReceiptDomain,
  findEquivocation,
  hashReceipt,
  hashReceiptStruct,
  isReceiptSigned,
  receiptDomainOf,
  signReceipt,
  type Receipt,
} from "../../../sdk/index.js";
import { deployModules, MINIMUM_STAKE, registerNode } from "../../support/metering.js";
import { send } from "../../support/release.js";

const FILE = path.join(import.meta.dirname, "..", "..", "vectors", "receipts.json");
const PROVIDER = "0x00000000000000000000000000000000000000B0";
const OTHER = "0x00000000000000000000000000000000000000B1";
const ACCOUNT = "0x00000000000000000000000000000000000000A0";
const operator = new Wallet(id("receipt test operator"));
const domain = createReceiptDomain(1n, OTHER);
const connection = await network.create();
const { ethers, networkHelpers } = connection;

function draft(changes: Partial<Receipt> = {}): Receipt {
  const what = { request: id("question"), uses: units(5n), content: id("answer") };
  return { provider: PROVIDER, account: ACCOUNT, ...what, ...changes };
}

/** Use of one resource. */
function units(amount: bigint) {
  return [{ resource: 1n, units: amount }];
}

async function slashingFixture() {
  const modules = await deployModules(connection);
  const { authority, nodes, provider, key } = modules;
  const slashing = await ethers.deployContract("NodeSlashing", [nodes, authority]);
  const selector = nodes.interface.getFunction("slash").selector;
  await send(authority, "setTargetFunctionRole", nodes, [selector], 5n);
  await send(authority, "grantRole", 5n, slashing, 0n);
  await registerNode(connection, modules, provider, key);
  await nodes.connect(key).acceptOperator(provider);
  return { ...modules, slashing };
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );
}

describe("sdk/receipts", function () {
  describe("buildReceipt", function () {
    const refused: [string, Partial<Receipt>][] = [
      [
        "-1 does not fit 32 bits, so it cannot be the resource.",
        { uses: [{ resource: -1n, units: 1n }] },
      ],
      [
        `${2n ** 128n} does not fit 128 bits, so it cannot be the units.`,
        { uses: units(2n ** 128n) },
      ],
      ["A receipt has 1 to 16 resources, and this one has 0.", { uses: [] }],
      [
        "A receipt has 1 to 16 resources, and this one has 17.",
        { uses: Array.from({ length: 17 }, (_, i) => ({ resource: BigInt(i), units: 1n })) },
      ],
      ["The receipt names resource 1 twice.", { uses: [...units(1n), ...units(2n)] }],
      ['"7" is not a hash of 32 bytes, so it cannot be the request.', { request: "7" }],
      ['"nobody" is not an address, so it cannot be the provider.', { provider: "nobody" }],
      ['"0x12" is not an address, so it cannot be the account.', { account: "0x12" }],
      ['"0xab" is not a hash of 32 bytes, so it cannot be the content.', { content: "0xab" }],
    ];
    for (const [sentence, changes] of refused)
      it(`refuses: ${sentence}`, function () {
        expect(() => buildReceipt(draft(changes))).to.throw(sentence);
      });

    it("puts resources in order, so that one use has one hash", function () {
      const uses = [
        { resource: 2n, units: 1n },
        { resource: 1n, units: 9n },
      ];

      expect(buildReceipt(draft({ uses })).uses).to.deep.equal([...uses].reverse());
    });

    it("writes addresses and hashes in one way, and leaves the draft as it was", function () {
      const given = draft({
        provider: PROVIDER.toLowerCase(),
        content: id("answer").toUpperCase().replace("0X", "0x"),
      });

      expect(buildReceipt(given)).to.deep.equal(draft());
      expect(given.provider).to.equal(PROVIDER.toLowerCase());
    });
  });

  describe("receiptDomainOf", function () {
    it("refuses a contract without a connection", async function () {
      const { slashing } = await networkHelpers.loadFixture(slashingFixture);

      expect(await failure(receiptDomainOf(slashing.connect(null)))).to.equal(
        "The slashing contract is not connected to a chain, so its id is unknown.",
      );
    });

    it("names chain and contract as the contract itself does", async function () {
      const { slashing } = await networkHelpers.loadFixture(slashingFixture);

      const local = await receiptDomainOf(slashing);

      expect(hashReceipt(local, draft())).to.equal(await slashing.hashReceipt(draft()));
    });
  });

  describe("isReceiptSigned", function () {
    it("accepts the signer's own signature over this receipt in this domain only", async function () {
      const signed = await signReceipt(operator, domain, draft());

      expect(isReceiptSigned(domain, signed)).to.equal(true);
      const moved = createReceiptDomain(2n, OTHER);
      expect(isReceiptSigned(moved, signed)).to.equal(false);
      const changed = { ...signed, receipt: draft({ uses: units(6n) }) };
      expect(isReceiptSigned(domain, changed)).to.equal(false);
      expect(isReceiptSigned(domain, { ...signed, signer: OTHER })).to.equal(false);
      expect(isReceiptSigned(domain, { ...signed, signature: "0x" })).to.equal(false);
    });
  });

  describe("findEquivocation", function () {
    const sign = async (changes: Partial<Receipt>) => signReceipt(operator, domain, draft(changes));

    it("finds nothing where signer, provider, account or request differ, or nothing does", async function () {
      const other = new Wallet(id("another operator"));
      const receipts = await Promise.all([
        sign({}),
        sign({}),
        sign({ request: id("another question"), uses: units(6n) }),
        sign({ account: OTHER, uses: units(6n) }),
        sign({ provider: OTHER, uses: units(6n) }),
        signReceipt(other, domain, draft({ uses: units(6n) })),
      ]);

      expect(findEquivocation(receipts)).to.deep.equal([]);
    });

    it("finds one pair for each offence, whatever it is that differs", async function () {
      const request = id("another question");
      const first = await sign({});
      const others = await Promise.all([sign({ uses: units(6n) }), sign({ content: id("else") })]);
      const later = await Promise.all([
        sign({ request }),
        sign({ request, uses: [{ resource: 2n, units: 5n }] }),
      ]);

      const found = findEquivocation([first, first, ...others, ...later]);

      expect(found).to.deep.equal([[first, others[0]], later]);
    });

    it("takes an account for the same however it is written", async function () {
      const plain = await sign({ provider: PROVIDER.toLowerCase() });

      expect(findEquivocation([plain, await sign({})])).to.deep.equal([]);
      expect(findEquivocation([plain, await sign({ uses: units(6n) })])).to.have.length(1);
    });

    it("is not misled by what nobody signed", async function () {
      const [honest, again] = [await sign({}), await sign({ uses: units(7n) })];
      const forged = { ...honest, receipt: draft({ uses: units(8n) }) };
      const counts = (signed: typeof honest) => isReceiptSigned(domain, signed);

      expect(findEquivocation([forged, honest], counts)).to.deep.equal([]);
      expect(findEquivocation([forged, honest, again], counts)).to.deep.equal([[honest, again]]);
    });

    it("finds what the contract slashes for (NOD-I5)", async function () {
      const { slashing, nodes, provider, key, alice } =
        await networkHelpers.loadFixture(slashingFixture);
      const local = await receiptDomainOf(slashing);
      const of = { provider: provider.address, account: alice.address };
      const receipts = await Promise.all(
        [draft(of), draft({ ...of, uses: units(6n) })].map((receipt) =>
          signReceipt(key, local, receipt),
        ),
      );

      const [pair] = findEquivocation(receipts, (signed) => isReceiptSigned(local, signed));

      expect(pair).to.deep.equal(receipts);
      if (pair) await slashing.proveEquivocation(...pair);
      const { staked } = await nodes.stakeOf(provider);
      expect(staked).to.equal((5n * MINIMUM_STAKE * 95n) / 100n);
      expect(await slashing.isProven(key, alice, id("question"))).to.equal(true);
    });
  });

  describe("golden vectors", function () {
    it("golden vectors equal the receipts of the library today", async function () {
      expect(await readFile(FILE, "utf8")).to.equal(renderJson(await makeReceiptVectors()));
    });

    it("golden vectors are hashed and signed alike by the library", async function () {
      const vectors = parseReceipts(await readFile(FILE, "utf8"));

      expect(vectors).to.have.length(3);
      for (const { domain: of, receipt, privateKey, signer, ...expected } of vectors) {
        expect(hashReceiptStruct(receipt)).to.equal(expected.structHash);
        expect(hashReceipt(of, receipt)).to.equal(expected.digest);
        const signed = await signReceipt(new Wallet(privateKey), of, receipt);
        expect(signed).to.deep.equal({ receipt, signer, signature: expected.signature });
        expect(isReceiptSigned(of, signed)).to.equal(true);
      }
    });

    it("are hashed alike by the contract, at the address that the vectors name", async function () {
      const { slashing } = await networkHelpers.loadFixture(slashingFixture);
      const vectors = parseReceipts(await readFile(FILE, "utf8"));
      const local = vectors.filter((vector) => vector.domain.chainId === 31_337n);
      const code = await ethers.provider.getCode(slashing);

      expect(local).to.have.length(2);
      for (const { domain: of, receipt, digest } of local) {
        await networkHelpers.setCode(of.verifyingContract, code);
        const moved = slashing.attach(of.verifyingContract) as typeof slashing;
        expect(await moved.hashReceipt(receipt)).to.equal(digest);
      }
    });
  });
});
