import { expect } from "chai";
import { network } from "hardhat";

import { deployWithLaxWallet, withWord, wordAt, wordCount } from "../../support/hostile-calls.js";
import { lineWord, type SignedWords } from "../../support/meter.js";
import { OPA } from "../../support/release.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const GWEI = 10n ** 9n;
const price = (resource: 1 | 2) => (resource === 1 ? 10n : 5n) * GWEI; // of a unit
const [HONEST, ACCEPTS_ALL] = [0, 1]; // how a WalletMock judges signatures
const BASE = 4; // bytes before the arguments

/** Words of the arguments of `settle` with one statement: list, length, place of the statement, and its six fields. */
const Field = { list: 0, count: 1, statement: 2, account: 3, lines: 7, signature: 8 } as const;

async function fixture() {
  return deployWithLaxWallet(connection);
}

type Suite = Awaited<ReturnType<typeof fixture>>;

const bodyOf = ({ verifier }: Suite, statements: SignedWords[]) =>
  verifier.interface.encodeFunctionData("settle", [statements]).slice(10);

/** Answer to a function of the Settlement with these bytes as arguments, or how it fails. */
async function ask({ verifier, bob }: Suite, name: "settle" | "preview", body: string) {
  const { selector } = verifier.interface.getFunction(name);
  const call = { to: verifier, from: bob, data: selector + body };
  return ethers.provider.call(call).catch(() => "reverts");
}

/** OPA wei that an answer of `settle` reports, 0 if it failed. */
function burnedIn({ verifier }: Suite, answer: string): bigint {
  if (answer === "reverts") return 0n;
  const [results] = verifier.interface.decodeFunctionResult("settle", answer) as unknown as [
    { burned: bigint }[],
  ];
  return results.reduce((sum, { burned }) => sum + burned, 0n);
}

/** Sends bytes to `settle` and returns the lines that settled: account, provider, resource, units and OPA wei. */
async function settledBy({ verifier, meter, bob }: Suite, body: string) {
  const { selector } = verifier.interface.getFunction("settle");
  const receipt = await (await bob.sendTransaction({ to: verifier, data: selector + body })).wait();
  return (receipt?.logs ?? []).flatMap((log) => {
    const event = meter.interface.parseLog(log);
    if (event?.name !== "LineSettled") return [];
    const { account, provider, resource, cumulativeUnits, amount } = event.args.toObject();
    return [[account, provider, resource, cumulativeUnits, amount] as unknown[]];
  });
}

describe("Settlement with hostile call data (SET-I9)", function () {
  for (const [name, word, origin] of [
    ["a statement", Field.statement, BASE + 32 * Field.statement],
    ["lines", Field.lines, BASE + 32 * Field.account],
    ["a signature", Field.signature, BASE + 32 * Field.account],
  ] as const)
    it(`reads ${name} anywhere, also before the arguments, as the Meter does`, async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { line } = suite;
      const words = [line(3n), line(4n, 2n)].map(lineWord);
      const body = bodyOf(suite, [await suite.claim(words, `0x${"01".repeat(70)}`)]);
      const full = 3n * price(1) + 4n * price(2);

      const burns: bigint[] = [];
      let reverts = 0;
      for (let place = -200; place < body.length / 2 + 40; place++) {
        const moved = withWord(body, word, BigInt(place - origin));
        const answer = await ask(suite, "settle", moved);
        // Previewing encodes anew what the Settlement understood, so that the Meter can read nothing else.
        if (place >= BASE) expect(answer).to.equal(await ask(suite, "preview", moved));
        const burned = burnedIn(suite, answer);
        if (answer === "reverts") reverts++;
        else burns.push(burned);
        // The selectors of the two functions differ, and no line can be read from there.
        if (place < BASE && word !== Field.signature) expect(burned).to.equal(0n);
      }

      expect(burns).to.include(full);
      expect(reverts).to.be.greaterThan(0);
    });

  it("settles call data with random faults as what the Settlement understood, or not at all", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { line, other, sign } = suite;
    const claims = [[line(3n), line(4n, 2n), line(1n, 1n, other)], [line(5n)]];
    const statements = await Promise.all(
      claims.map(async (lines) => suite.claim(lines.map(lineWord), `0x${"01".repeat(40)}`)),
    );
    const body = bodyOf(suite, [...statements, await sign([line(9n)])]);
    const random = randomNumbers(20_261_130);
    let burned = 0;

    for (let round = 0; round < 500; round++) {
      let changed = body;
      for (let count = random(3); count >= 0; count--) {
        const word = random(wordCount(body));
        const old = wordAt(changed, word);
        const step = BigInt(random(body.length / 2));
        const values = [step, -step, old + 32n, old - 32n, old ^ (1n << BigInt(random(256))), 0n];
        changed = withWord(changed, word, values[random(values.length)] ?? 0n);
      }
      const answer = await ask(suite, "settle", changed);
      const previewed = await ask(suite, "preview", changed);
      // A place before the arguments makes one fail alone.
      expect([answer, "reverts"], changed).to.include(previewed);
      if (burnedIn(suite, answer) === 0n) continue;
      expect(previewed).to.equal(answer);
      burned++;
    }
    expect(burned).to.be.greaterThan(50);
  });

  it("answers byte for byte what an encoder would, also to a contract", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { verifier, wallet, line, sign } = suite;
    const statements = [
      await sign([line(3n), line(2n ** 60n, 2n), line(5n, 3n)]),
      await sign([line(9n)]),
      await suite.claim([lineWord(line(1n))]),
    ];
    const data = verifier.interface.encodeFunctionData("settle", [statements]);
    const results = await verifier.settle.staticCall(statements);

    const answer = await ask(suite, "settle", `${data.slice(10)}ff`);

    expect(answer).to.equal(verifier.interface.encodeFunctionResult("settle", [results]));
    expect(await wallet.execute.staticCall(verifier, data)).to.equal(answer);
    expect(results[0]?.reasons).to.deep.equal([Reason.None, Reason.TotalFull, Reason.None]);
  });

  it("reverts for a field with bits above its type, also beside a refused statement", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { line, sign } = suite;
    const bad = { ...(await sign([line(1n)])), signature: "0x" };
    for (const beside of [[], [bad]]) {
      const body = bodyOf(suite, [await sign([line(2n)]), ...beside]);
      const first = Field.statement + beside.length + 1;
      for (const [field, bits] of [160n, 32n, 48n, 160n].entries())
        for (const bit of [bits, (bits + 256n) / 2n, 255n]) {
          const dirty = withWord(body, first + field, wordAt(body, first + field) | (1n << bit));
          expect(await ask(suite, "settle", dirty), `${field}: ${String(bit)}`).to.equal("reverts");
        }
      expect(burnedIn(suite, await ask(suite, "settle", body))).to.equal(2n * price(1));
    }
  });

  it("reverts for lists that claim more than the call holds", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, line, sign } = suite;
    const body = bodyOf(suite, [await sign([line(2n)])]);
    const sizes = [
      2n ** 32n,
      2n ** 59n,
      2n ** 64n - 1n,
      2n ** 64n,
      2n ** 251n,
      2n ** 255n,
      2n ** 256n - 1n,
    ];

    for (const word of [Field.count, Field.lines + 2, Field.lines + 4])
      for (const size of sizes)
        expect(await ask(suite, "settle", withWord(body, word, size))).to.equal("reverts");
    for (const size of sizes.slice(2))
      expect(await ask(suite, "settle", withWord(body, Field.list, size))).to.equal("reverts");

    expect(await meter.creditOf(alice)).to.equal(100n * OPA);
  });

  it("burns once for a statement that stands in the list several times", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { alice, provider, line, sign } = suite;
    const signed = await sign([line(2n)]);
    const body = bodyOf(suite, [signed, signed, signed]);
    const alias = withWord(withWord(body, 3, wordAt(body, 2)), 4, wordAt(body, 2));

    expect(await settledBy(suite, alias)).to.deep.equal([
      [alice.address, provider.address, 1n, 2n, 2n * price(1)],
    ]);
  });

  it("burns for each account that signed lines of which the call holds one copy", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, bob, provider, line, sign } = suite;
    await meter.connect(bob).deposit(bob, OPA);
    const own = await sign([line(2n), line(3n, 2n)]);
    const others = await sign([line(2n), line(3n, 2n)], { account: bob.address, key: bob });
    const body = bodyOf(suite, [own, others]);
    const [first, second] = [2, 3].map((word) => 2 + Number(wordAt(body, word)) / 32);
    if (first === undefined || second === undefined) throw new Error("two statements expected");
    const distance = BigInt(32 * (first - second));
    const shared = withWord(body, second + 4, wordAt(body, first + 4) + distance);
    expect(shared).to.not.equal(body);

    const lines = [
      [provider.address, 1n, 2n, 2n * price(1)],
      [provider.address, 2n, 3n, 3n * price(2)],
    ];
    expect(await settledBy(suite, shared)).to.deep.equal(
      [alice, bob].flatMap(({ address }) => lines.map((rest) => [address, ...rest])),
    );
  });

  it("burns for lines that stand in a signature what their signer is shown", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { verifier, account, provider, line, wallet, meter } = suite;
    const inner = ethers.AbiCoder.defaultAbiCoder().encode(
      ["uint256", "uint256"],
      [1n, lineWord(line(7n))],
    );
    const body = bodyOf(suite, [await suite.claim([lineWord(line(2n))], inner)]);
    // The words of the signature begin after its length.
    const inside = withWord(body, Field.lines, wordAt(body, Field.signature) + 32n);

    await wallet.behave(HONEST);
    const answer = await ask(suite, "settle", inside);
    const refused = verifier.interface.encodeFunctionResult("settle", [
      [{ reason: Reason.InvalidSignature, burned: 0n, reasons: [] }],
    ]);
    expect(answer).to.equal(refused);
    await wallet.behave(ACCEPTS_ALL);
    expect(await settledBy(suite, inside)).to.deep.equal([
      [account, provider.address, 1n, 7n, 7n * price(1)],
    ]);
    expect((await meter.lineOf(account, provider, 1n)).cumulativeUnits).to.equal(7n);
  });

  it("cannot be borrowed by a delegate call, since the Meter knows its caller", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { verifier, core, alice, stranger, line, sign } = suite;
    const target = (await verifier.getAddress()).slice(2);
    const clone = stranger.address;
    const code = `0x363d3d373d3d3d363d73${target}5af43d82803e903d91602b57fd5bf3`;
    await networkHelpers.setCode(clone, code);
    const borrowed = verifier.attach(clone) as typeof verifier;

    await expect(borrowed.connect(alice).settle([await sign([line(1n)], {}, clone)]))
      .to.be.revertedWithCustomError(core, "AccessManagedUnauthorized")
      .withArgs(clone);
  });
});

/** Whole numbers below a bound that look random and are the same in every run. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
