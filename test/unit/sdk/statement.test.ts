import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";
import { BrowserProvider, id, JsonRpcSigner, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  makeVectors,
  parseJson,
  renderJson,
  renderSolidity,
} from "../../../scripts/vectors/vectors.js";
import {
  buildStatement,
  compareLines,
  createDomain,
  domainOf,
  hashStatement,
  hashStatementStruct,
  MAX_LINES,
  packLine,
  packStatement,
  unpackLine,
  recoverSigner,
  signStatement,
  type Line,
  type Statement,
} from "../../../sdk/index.js";
import { deploySuite } from "../../support/suite.js";

const FOLDER = path.join(import.meta.dirname, "..", "..", "vectors");
const LOW = "0x00000000000000000000000000000000000000b0";
const HIGH = "0xf0000000000000000000000000000000000000b0";
const account = new Wallet(id("statement test account"));
const connection = await network.create();
const { ethers, networkHelpers } = connection;

function draft(lines: Line[], changes: Partial<Statement> = {}): Statement {
  return { account: account.address, priceEpoch: 7n, deadline: 1_000n, lines, ...changes };
}

function line(provider: string, resource: bigint, cumulativeUnits = 1n): Line {
  return { provider, resource, cumulativeUnits };
}

async function suite() {
  return deploySuite(connection);
}

describe("sdk/statement", function () {
  describe("buildStatement", function () {
    it("refuses a statement without lines", function () {
      expect(() => buildStatement(draft([]))).to.throw("A statement needs at least one line.");
    });

    it("refuses more lines than the contract reads", function () {
      const lines = Array.from({ length: MAX_LINES + 1 }, (_, i) => line(LOW, BigInt(i)));

      expect(() => buildStatement(draft(lines))).to.throw(
        "A statement has at most 128 lines, and this one has 129.",
      );
    });

    it("refuses two lines for one resource of a provider, however the address is written", function () {
      const lines = [line(LOW, 3n, 1n), line(HIGH, 3n), line(LOW.toLowerCase(), 3n, 2n)];

      expect(() => buildStatement(draft(lines))).to.throw(
        /^The statement names resource 3 of provider 0x00000000000000000000000000000000000000[bB]0 twice\.$/,
      );
    });

    const outOfRange: [string, Statement][] = [
      [
        "-1 does not fit 32 bits, so it cannot be the price epoch.",
        draft([line(LOW, 1n)], { priceEpoch: -1n }),
      ],
      [
        "4294967296 does not fit 32 bits, so it cannot be the price epoch.",
        draft([line(LOW, 1n)], { priceEpoch: 2n ** 32n }),
      ],
      [
        "281474976710656 does not fit 48 bits, so it cannot be the deadline.",
        draft([line(LOW, 1n)], { deadline: 2n ** 48n }),
      ],
      [
        "4294967296 does not fit 32 bits, so it cannot be a resource.",
        draft([line(LOW, 2n ** 32n)]),
      ],
      [
        "-5 does not fit 64 bits, so it cannot be the units of a line.",
        draft([line(LOW, 1n, -5n)]),
      ],
      [
        `${2n ** 64n} does not fit 64 bits, so it cannot be the units of a line.`,
        draft([line(LOW, 1n, 2n ** 64n)]),
      ],
      [
        '"0x12" is not an address, so it cannot be the account.',
        draft([line(LOW, 1n)], { account: "0x12" }),
      ],
      ['"nobody" is not an address, so it cannot be a provider.', draft([line("nobody", 1n)])],
    ];
    for (const [sentence, statement] of outOfRange)
      it(`refuses: ${sentence}`, function () {
        expect(() => buildStatement(statement)).to.throw(sentence);
      });

    it("sorts lines by provider as a number, then by resource as a number", function () {
      const lines = [line(HIGH, 1n), line(LOW, 10n), line(LOW, 9n), line(HIGH, 0n)];

      const built = buildStatement(draft(lines)).lines;

      expect(built.map(({ resource }) => resource)).to.deep.equal([9n, 10n, 0n, 1n]);
      expect(built[0]?.provider).to.equal(ethers.getAddress(LOW));
      expect(lines[0]?.provider).to.equal(HIGH); // the draft is left as it was
    });

    it("takes the largest values and as many lines as there can be", function () {
      const lines = Array.from({ length: MAX_LINES }, (_, i) =>
        line(LOW, 2n ** 32n - 1n - BigInt(i), 2n ** 64n - 1n),
      );
      const changes = { priceEpoch: 2n ** 32n - 1n, deadline: 2n ** 48n - 1n };

      expect(buildStatement(draft(lines, changes)).lines).to.have.length(MAX_LINES);
    });
  });

  describe("compareLines", function () {
    it("finds lines of the same provider and resource equal", function () {
      expect(compareLines(line(LOW, 1n, 5n), line(LOW, 1n, 6n))).to.equal(0);
    });
  });

  describe("createDomain", function () {
    it("refuses what is not an address", function () {
      expect(() => createDomain(1n, "settlement")).to.throw(
        '"settlement" is not an address, so it cannot be the settlement contract.',
      );
    });
  });

  describe("domainOf", function () {
    it("refuses a contract without a connection", async function () {
      const { settlement } = await networkHelpers.loadFixture(suite);

      let message = "";
      await domainOf(settlement.connect(null)).catch((error: unknown) => {
        message = (error as Error).message;
      });

      expect(message).to.equal(
        "The settlement contract is not connected to a chain, so its id is unknown.",
      );
    });

    it("names the chain and the contract, as the contract itself says", async function () {
      const { settlement } = await networkHelpers.loadFixture(suite);

      const domain = await domainOf(settlement);

      const statement = buildStatement(draft([line(HIGH, 2n, 3n), line(LOW, 1n, 4n)]));
      expect(domain.chainId).to.equal(31_337n);
      expect(hashStatement(domain, statement)).to.equal(await settlement.hashStatement(statement));
    });
  });

  describe("signStatement", function () {
    it("gives a signature from which the signer can be recovered, in this domain only", async function () {
      const domain = createDomain(1n, LOW);
      const statement = buildStatement(draft([line(LOW, 1n)]));

      const signed = await signStatement(account, domain, statement);

      expect(signed.signer).to.equal(account.address);
      expect(recoverSigner(domain, statement, signed.signature)).to.equal(account.address);
      for (const other of [createDomain(2n, LOW), createDomain(1n, HIGH)])
        expect(recoverSigner(other, statement, signed.signature)).not.to.equal(account.address);
    });
  });

  describe("a wallet behind JSON-RPC", function () {
    it("signs the largest value of each field like the key itself (F02)", async function () {
      const [signer] = await ethers.getSigners();
      const key = ethers.HDNodeWallet.fromPhrase(`${"test ".repeat(11)}junk`);
      const remote = new JsonRpcSigner(
        new BrowserProvider({
          request: ({ method, params }) =>
            connection.provider.request({ method, params: params as unknown[] }),
        }),
        key.address,
      );
      const lines = Array.from({ length: MAX_LINES }, (_, i) =>
        line(HIGH, 2n ** 32n - 1n - BigInt(i), 2n ** 64n - 1n),
      );
      const changes = { priceEpoch: 2n ** 32n - 1n, deadline: 2n ** 48n - 1n };
      const statement = buildStatement(draft(lines, changes));
      const domain = createDomain(2n ** 53n - 1n, HIGH);

      const byKey = await signStatement(key, domain, statement);
      const byWallet = await signStatement(remote, domain, statement);

      expect(signer?.address).to.equal(key.address);
      expect(byWallet).to.deep.equal(byKey);
      expect(recoverSigner(domain, statement, byWallet.signature)).to.equal(key.address);
      remote.provider.destroy();
    });
  });

  describe("golden vectors", function () {
    it("are what the library makes today", async function () {
      const vectors = await makeVectors();

      const json = await readFile(path.join(FOLDER, "statements.json"), "utf8");
      const solidity = await readFile(path.join(FOLDER, "StatementVectors.sol"), "utf8");
      expect(json).to.equal(renderJson(vectors));
      expect(solidity).to.equal(await renderSolidity(vectors));
    });

    it("are hashed and signed alike by the library", async function () {
      const vectors = parseJson(await readFile(path.join(FOLDER, "statements.json"), "utf8"));

      expect(vectors).to.have.length(6);
      for (const { domain, statement, privateKey, signer, ...expected } of vectors) {
        expect(hashStatementStruct(statement)).to.equal(expected.structHash);
        expect(hashStatement(domain, statement)).to.equal(expected.digest);
        expect(recoverSigner(domain, statement, expected.signature)).to.equal(signer);
        const signed = await signStatement(new Wallet(privateKey), domain, statement);
        expect(signed.signature).to.equal(expected.signature);
        const packed = packStatement(signed);
        expect(packed.lines).to.deep.equal(expected.words);
        expect(packed.lines.map(unpackLine)).to.deep.equal(statement.lines);
      }
    });

    it("refuses words for lines that do not fit", function () {
      expect(() => packLine(line(LOW, 2n ** 32n))).to.throw("does not fit 32 bits");
      expect(() => packLine(line(LOW, 1n, 2n ** 64n))).to.throw("does not fit 64 bits");
      expect(() => packLine(line(LOW, 1n, -1n))).to.throw("does not fit 64 bits");
      expect(() => unpackLine(2n ** 256n)).to.throw("does not fit 256 bits");
    });

    it("are packed in the order in which the contract wants them", async function () {
      for (const { words } of await makeVectors())
        for (const [i, word] of words.entries())
          if (i > 0) expect(word >> 64n).to.be.greaterThan((words[i - 1] ?? 0n) >> 64n);
    });

    it("are hashed alike by the contract, at the address that the vectors name", async function () {
      const { settlement } = await networkHelpers.loadFixture(suite);
      const vectors = parseJson(await readFile(path.join(FOLDER, "statements.json"), "utf8"));
      const local = vectors.filter(({ domain }) => domain.chainId === 31_337n);
      const code = await ethers.provider.getCode(settlement);

      expect(local).to.have.length(5);
      for (const { domain, statement, digest } of local) {
        await networkHelpers.setCode(domain.verifyingContract, code);
        const moved = settlement.attach(domain.verifyingContract) as typeof settlement;
        expect(await moved.hashStatement(statement)).to.equal(digest);
      }
    });

    it("do not name the zero address as a signer", async function () {
      for (const { signer } of await makeVectors()) expect(signer).not.to.equal(ZeroAddress);
    });
  });
});
