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
  ReceiptBook,
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
  const what = { resource: 1n, units: 5n, content: id("answer") };
  return { provider: PROVIDER, account: ACCOUNT, sequence: 0n, ...what, ...changes };
}

function openBook(past: readonly Receipt[] = [], kept: Receipt[] = []) {
  const keep = (receipt: Receipt) => void kept.push(receipt);
  return new ReceiptBook({ provider: PROVIDER, signer: operator, domain, past, keep });
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
      [`${2n ** 64n} does not fit 64 bits, so it cannot be the sequence.`, { sequence: 2n ** 64n }],
      ["-1 does not fit 32 bits, so it cannot be the resource.", { resource: -1n }],
      [`${2n ** 128n} does not fit 128 bits, so it cannot be the units.`, { units: 2n ** 128n }],
      ['"nobody" is not an address, so it cannot be the provider.', { provider: "nobody" }],
      ['"0x12" is not an address, so it cannot be the account.', { account: "0x12" }],
      ['"0xab" is not a hash of 32 bytes, so it cannot be the content.', { content: "0xab" }],
    ];
    for (const [sentence, changes] of refused)
      it(`refuses: ${sentence}`, function () {
        expect(() => buildReceipt(draft(changes))).to.throw(sentence);
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
      const changed = { ...signed, receipt: draft({ units: 6n }) };
      expect(isReceiptSigned(domain, changed)).to.equal(false);
      expect(isReceiptSigned(domain, { ...signed, signer: OTHER })).to.equal(false);
      expect(isReceiptSigned(domain, { ...signed, signature: "0x" })).to.equal(false);
    });
  });

  describe("findEquivocation", function () {
    const sign = async (changes: Partial<Receipt>) => signReceipt(operator, domain, draft(changes));

    it("finds nothing where provider, account or sequence differ, or nothing does", async function () {
      const receipts = await Promise.all([
        sign({}),
        sign({}),
        sign({ sequence: 1n, units: 6n }),
        sign({ account: OTHER, units: 6n }),
        sign({ provider: OTHER, units: 6n }),
      ]);

      expect(findEquivocation(receipts)).to.deep.equal([]);
    });

    it("finds one pair for each offence, whatever it is that differs", async function () {
      const first = await sign({});
      const others = await Promise.all([sign({ units: 6n }), sign({ content: id("else") })]);
      const later = await Promise.all([
        sign({ sequence: 9n }),
        sign({ sequence: 9n, resource: 2n }),
      ]);

      const found = findEquivocation([first, first, ...others, ...later]);

      expect(found).to.deep.equal([[first, others[0]], later]);
    });

    it("takes an account for the same however it is written", async function () {
      const plain = await sign({ provider: PROVIDER.toLowerCase() });

      expect(findEquivocation([plain, await sign({})])).to.deep.equal([]);
      expect(findEquivocation([plain, await sign({ units: 6n })])).to.have.length(1);
    });

    it("is not misled by what nobody signed", async function () {
      const [honest, again] = [await sign({}), await sign({ units: 7n })];
      const forged = { ...honest, receipt: draft({ units: 8n }) };
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
        [draft(of), draft({ ...of, units: 6n })].map((receipt) => signReceipt(key, local, receipt)),
      );

      const [pair] = findEquivocation(receipts, (signed) => isReceiptSigned(local, signed));

      expect(pair).to.deep.equal(receipts);
      if (pair) await slashing.proveEquivocation(...pair);
      const { staked } = await nodes.stakeOf(provider);
      expect(staked).to.equal((5n * MINIMUM_STAKE * 95n) / 100n);
      expect(await slashing.isProven(provider, alice, 0n)).to.equal(true);
    });
  });

  describe("ReceiptBook", function () {
    const service = (units: bigint, account = ACCOUNT) => ({
      account,
      resource: 1n,
      units,
      content: id(`answer ${units}`),
    });

    it("numbers receipts for each account from 0 on, also when many are asked for at once", async function () {
      const kept: Receipt[] = [];
      const book = openBook([], kept);

      const issued = await Promise.all([
        book.issue(service(1n)),
        book.issue(service(2n, OTHER)),
        book.issue(service(3n, ACCOUNT.toLowerCase())),
      ]);

      expect(issued.map(({ receipt }) => receipt.sequence)).to.deep.equal([0n, 0n, 1n]);
      expect(issued.every((signed) => isReceiptSigned(domain, signed))).to.equal(true);
      expect(findEquivocation(issued)).to.deep.equal([]);
      expect(kept).to.deep.equal(issued.map(({ receipt }) => receipt));
      expect(book.nextSequence(ACCOUNT)).to.equal(2n);
    });

    it("goes on after its past, gaps included", async function () {
      const book = openBook([draft({ sequence: 4n }), draft({ sequence: 2n })]);

      const { receipt } = await book.issue(service(1n));

      expect(receipt.sequence).to.equal(5n);
    });

    it("signs nothing that could not be kept, and uses its number no more", async function () {
      let fails = true;
      let signatures = 0;
      const signer = {
        getAddress: async () => operator.getAddress(),
        signTypedData: async (...values: Parameters<Wallet["signTypedData"]>) => {
          signatures += 1;
          return operator.signTypedData(...values);
        },
      };
      const keep = () => {
        if (fails) throw new Error("disk full");
      };
      const book = new ReceiptBook({ provider: PROVIDER, signer, domain, keep });

      expect(await failure(book.issue(service(1n)))).to.equal("disk full");
      expect(signatures).to.equal(0);
      fails = false;
      const { receipt } = await book.issue(service(2n));
      expect(receipt.sequence).to.equal(1n);
      expect(signatures).to.equal(1);
    });

    it("refuses a past with two contents for one number, or of another provider", function () {
      expect(() => openBook([draft(), draft()])).not.to.throw();
      expect(() => openBook([draft(), draft({ units: 6n })])).to.throw(
        `Receipt 0 for ${ethers.getAddress(ACCOUNT)} has two contents.`,
      );
      expect(() => openBook([draft({ provider: OTHER })])).to.throw(
        `A receipt of ${OTHER} does not belong to the book of ${PROVIDER}.`,
      );
    });

    it("signs again what it issued, and nothing else", async function () {
      const book = openBook([draft({ sequence: 3n })]);
      const issued = await book.issue(service(1n));

      expect(await book.reissue(issued.receipt)).to.deep.equal(issued);
      expect((await book.reissue(draft({ sequence: 3n }))).receipt).to.deep.equal(
        draft({ sequence: 3n }),
      );
      for (const other of [
        { ...issued.receipt, units: 2n },
        { ...issued.receipt, sequence: 5n },
        { ...issued.receipt, account: OTHER },
      ])
        expect(await failure(book.reissue(other))).to.match(
          /^Receipt \d for 0x\w{40} was not issued with this content\.$/,
        );
    });

    it("does not take a number for what it cannot sign", async function () {
      const book = openBook();

      expect(await failure(book.issue(service(2n ** 128n)))).to.contain("does not fit 128 bits");
      expect(book.nextSequence(ACCOUNT)).to.equal(0n);
    });
  });

  describe("golden vectors", function () {
    it("are what the library makes today", async function () {
      expect(await readFile(FILE, "utf8")).to.equal(renderJson(await makeReceiptVectors()));
    });

    it("are hashed and signed alike by the library", async function () {
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
