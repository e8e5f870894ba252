import type { AddressLike } from "ethers";
import { expect } from "chai";
import { network } from "hardhat";

import { deployWithLaxWallet, withWord, wordAt, wordCount } from "../../support/hostile-calls.js";
import { allowCharging, lineWord, type SignedWords } from "../../support/meter.js";
import { EPOCH, limits, Role, resourceParams } from "../../support/metering.js";
import { OPA } from "../../support/release.js";
import { callCode } from "../../support/series.js";
import { plainResults, Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const GWEI = 10n ** 9n;
const price = (resource: 1 | 2) => (resource === 1 ? 10n : 5n) * GWEI; // of a unit
const MOVING = 5n; // the first resource whose price follows load
const LOADED = { weight: 1n, rate: 800n * GWEI, target: 1n, policy: 1n };

async function fixture() {
  return deployWithLaxWallet(connection);
}

type Suite = Awaited<ReturnType<typeof fixture>>;

/** A core whose METER is alice, who hands over what she likes. */
async function holderFixture() {
  const suite = await fixture();
  const { authority, core, alice } = suite;
  await allowCharging(authority, core, alice);
  const holder = core.connect(alice);
  const charge = async (statements: SignedWords[]) => {
    const results = plainResults(await holder.charge.staticCall(statements), statements);
    const tx = await holder.charge(statements);
    return { tx, results };
  };
  return { ...suite, holder, charge };
}

describe("Meter with a hostile holder of METER (SET-I2, SET-I12)", function () {
  it("refuses verdicts that are no reasons, and passes over statements for any that is one", async function () {
    const suite = await networkHelpers.loadFixture(holderFixture);
    const { core, alice, holder, line, sign } = suite;
    const signed = await sign([line(1n)]);
    const data = core.interface.encodeFunctionData("chargeSome", [[signed], [Reason.TotalFull]]);
    const body = data.slice(10);
    const last = wordCount(body) - 1;
    expect(wordAt(body, last)).to.equal(Reason.TotalFull);

    for (const verdict of [33n, 255n, 256n, 2n ** 255n, 2n ** 256n - 1n]) {
      const call = { to: core, data: data.slice(0, 10) + withWord(body, last, verdict) };
      await expect(alice.sendTransaction(call)).to.revert(ethers);
    }
    for (const reason of Object.values(Reason).slice(1))
      expect(await holder.chargeSome.staticCall([signed], [reason])).to.deep.equal([
        [reason, 0n, []],
      ]);
  });

  it("keeps charging from its holders, also through the extension", async function () {
    const { core, extension, bob, line, sign } = await networkHelpers.loadFixture(fixture);
    const signed = await sign([line(1n)]);
    const calls = [
      core.interface.encodeFunctionData("charge", [[signed]]),
      core.interface.encodeFunctionData("chargeSome", [[signed], [0n]]),
    ];

    for (const data of calls) {
      await expect(bob.sendTransaction({ to: core, data }))
        .to.be.revertedWithCustomError(core, "AccessManagedUnauthorized")
        .withArgs(bob);
      await expect(bob.sendTransaction({ to: extension, data })).to.revert(ethers);
    }
  });

  it("adds up lines of one provider whose groups alternate, beside another provider", async function () {
    const suite = await networkHelpers.loadFixture(holderFixture);
    const { prices, meter, provider, other, line, charge } = suite;
    for (const name of ["five", "six"]) await prices.register(resourceParams({ name }));
    // Resources 1 to 3 share a word, and 5 and 6 another.
    const lines = [
      line(10n),
      line(20n, 5n),
      line(7n, 2n),
      line(15n, 1n),
      line(15n, 1n),
      line(30n, 6n),
      line(1n, 1n),
      line(4n, 1n, other),
      line(21n, 5n),
      line(16n, 1n),
      line(3n, 1n, other),
      line(9n, 2n),
    ];
    const none = Reason.None;
    const nothing = Reason.NothingNew;

    const { results } = await charge([await suite.claim(lines.map(lineWord))]);

    const burned = (16n + 21n + 30n + 4n) * price(1) + 9n * price(2);
    expect(results).to.deep.equal([
      {
        reason: none,
        burned,
        reasons: [none, none, none, none, nothing, none, nothing, none, none, none, nothing, none],
      },
    ]);
    for (const [node, resource, units] of [
      [provider, 1n, 16n],
      [provider, 2n, 9n],
      [provider, 3n, 0n],
      [provider, 5n, 21n],
      [provider, 6n, 30n],
      [other, 1n, 4n],
    ] as const) {
      const { cumulativeUnits } = await meter.lineOf(suite.account, node, resource);
      expect(cumulativeUnits, `${node.address} ${String(resource)}`).to.equal(units);
    }
    expect((await meter.providerUsageOf(provider)).allTime.units).to.equal(76n);
    expect((await meter.providerUsageOf(other)).allTime.units).to.equal(4n);
    expect((await meter.totalUsage()).allTime.burned).to.equal(burned);
  });

  it("keeps the totals of a group around lines that are skipped for any reason", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, provider, line, sign, settle } = suite;
    await settle([await sign([line(5n), line(6n, 2n), line(7n, 3n)])]);

    // The first three resources share a word of totals; the fourth needs a tier.
    for (const [second, reason] of [
      [6n, Reason.NothingNew],
      [2n ** 58n, Reason.TotalFull],
      [2n ** 58n - 1n, Reason.InsufficientCredit],
    ] as const) {
      const before = (await meter.lineOf(alice, provider, 1n)).cumulativeUnits;
      const lines = [line(before + 1n), line(second, 2n), line(before + 3n, 3n), line(1n, 4n)];
      const { results } = await settle([await sign(lines)]);
      const { None, TierTooLow } = Reason;
      expect(results[0]?.reasons).to.deep.equal([None, reason, None, TierTooLow]);
      const totals = [1n, 2n, 3n, 4n].map((id) => meter.lineOf(alice, provider, id));
      expect(
        (await Promise.all(totals)).map(({ cumulativeUnits }) => cumulativeUnits),
      ).to.deep.equal([before + 1n, 6n, before + 3n, 0n]);
    }
  });

  it("answers a full total like one that has nothing new, and one beyond it as full, by right and by mandate", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, core, alice, provider, line, sign, settle, key } = suite;
    const most = await meter.MAX_TOTAL();
    const until = BigInt(await networkHelpers.time.latest()) + 3n * EPOCH;
    await meter.connect(alice).setKey(alice, key, 0n, Role.Spender, limits());
    await settle([await sign([line(5n), line(6n, 2n), line(7n, 3n)])]);
    const place = await wordPlace(core, alice, provider);
    const word = BigInt(await ethers.provider.getStorage(core, place));
    await networkHelpers.setStorageAt(await core.getAddress(), place, word | (most << 58n));
    await meter.connect(alice).reserve(alice, provider, key, OPA, until);

    for (const signer of [alice, key])
      for (const [total, reason] of [
        [most, Reason.NothingNew],
        [most + 1n, Reason.TotalFull],
        [2n ** 64n - 1n, Reason.TotalFull],
      ] as const) {
        const signed = await sign([line(total), line(8n, 3n)], { key: signer });
        const { results } = await settle([signed]);
        expect(results[0]?.reasons[0]).to.equal(reason);
      }
    const totals = [0n, 1n, 2n, 3n].map((id) => meter.lineOf(alice, provider, id));
    expect((await Promise.all(totals)).map(({ cumulativeUnits }) => cumulativeUnits)).to.deep.equal(
      [0n, most, 6n, 8n],
    );
  });

  it("prices lines of a mandate and lines by right in one group, and keeps the later epoch", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { prices, meter, alice, bob, key, provider, other, line, sign, settle } = suite;
    await prices.registerPricePolicy(await ethers.deployContract("LoadPricePolicy"));
    for (const name of ["moving", "moving too", "moving three"])
      await prices.register(resourceParams({ name, ...LOADED }));
    await meter.connect(bob).deposit(bob, 10n * OPA);
    await meter.connect(alice).setKey(alice, key, 0n, Role.Spender, limits());
    const until = BigInt(await networkHelpers.time.latest()) + 20n * EPOCH;
    const granted = await meter.currentEpoch();
    const use = [5n, 6n, 7n].map((id) => line(100n, id, other));
    await settle([await sign(use, { account: bob.address, key: bob })]);
    const early = await prices.unitPriceOf(MOVING, granted);
    await meter.connect(alice).reserve(alice, provider, key, 60n * early, until);
    await networkHelpers.time.increaseTo((await meter.GENESIS()) + (granted + 1n) * EPOCH);
    const late = await prices.unitPriceOf(MOVING, granted + 1n);
    expect(late).to.be.greaterThan(early);
    await meter.connect(alice).reserve(alice, other, key, 10n * late, until);
    const signedEarly = async (node: { address: string }, totals: bigint[]) => {
      const lines = totals.map((total, index) => line(total, MOVING + BigInt(index), node));
      const { tx } = await settle([await sign(lines, { key, priceEpoch: granted })]);
      const events = await meter.queryFilter(meter.filters.LineSettled(), tx.blockNumber ?? 0);
      return events.map(({ args }) => [args.priceEpoch, args.amount]);
    };

    // By the mandate, of the epoch of the grant.
    expect(await signedEarly(provider, [4n])).to.deep.equal([[granted, 4n * early]]);
    expect((await meter.lineOf(alice, provider, MOVING)).priceEpoch).to.equal(granted);
    await settle([await sign([line(5n, MOVING)])]);
    // By the mandate as before, though the group has settled at a later epoch, and at that one beyond the mandate.
    expect(await signedEarly(provider, [15n, 100n, 1n])).to.deep.equal([
      [granted, 10n * early],
      [granted + 1n, 100n * late],
      [granted + 1n, late],
    ]);
    // A later mandate moves the epoch of the group also for the next line, which it does not pay.
    expect(await signedEarly(other, [4n, 40n])).to.deep.equal([
      [granted + 1n, 4n * late],
      [granted + 1n, 40n * late],
    ]);
    for (const node of [provider, other]) {
      expect((await meter.lineOf(alice, node, MOVING)).priceEpoch).to.equal(granted + 1n);
      expect((await meter.reservationOf(alice, node)).amount).to.equal(0n);
    }
  });

  it("settles once while a price policy, an access policy and a book call back", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { verifier, prices, policy, meter, alice, provider, line, sign } = suite;
    const hostile = await ethers.deployContract("PricePolicyMock");
    await hostile.set(0, LOADED.rate / GWEI);
    await prices.registerPricePolicy(hostile);
    await prices.register(resourceParams({ name: "moving", ...LOADED }));
    const book = await ethers.deployContract("BookMock", [meter]);
    await meter.setBook(book);
    await networkHelpers.time.increase(EPOCH);
    await verifier.settle([await sign([line(1n, MOVING)])]);
    await networkHelpers.time.increase(EPOCH);
    const signed = await sign([line(5n), line(6n, MOVING)]);
    const callOf = (statement: SignedWords) =>
      verifier.interface.encodeFunctionData("settle", [[statement]]);
    const code = `${callCode(await verifier.getAddress(), callOf(signed))}60206000f3`;
    for (const contract of [hostile, policy])
      await networkHelpers.setCode(await contract.getAddress(), code);
    await book.callBack(verifier, callOf(await sign([line(8n), line(6n, MOVING)])));
    const before = await meter.creditOf(alice);

    const tx = await verifier.settle([signed]);

    const rate = LOADED.rate;
    const events = await meter.queryFilter(meter.filters.LineSettled(), tx.blockNumber ?? 0);
    expect(
      events.map(({ args }) => [args.resource, args.cumulativeUnits, args.amount]),
    ).to.deep.equal([
      [1n, 5n, 5n * price(1)],
      [MOVING, 6n, 5n * rate],
      [1n, 8n, 3n * price(1)],
    ]);
    await expect(tx).to.emit(book, "Booked");
    expect(before - (await meter.creditOf(alice))).to.equal(8n * price(1) + 5n * rate);
    expect((await meter.lineOf(alice, provider, 1n)).cumulativeUnits).to.equal(8n);
    expect((await meter.totalUsage()).allTime.burned).to.equal(8n * price(1) + 6n * rate);
  });

  it("keeps the last possible resource apart from what stands behind it in storage", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { core, meter, line, sign, settle } = suite;
    const address = await core.getAddress();
    const id = 2n ** 32n - 1n;
    const first = await resourcePlace(suite);
    const last = first + 3n * id;
    const state = await meter.pauseState();

    for (let slot = last; slot < last + 3n; slot++)
      await networkHelpers.setStorageAt(address, ethers.toBeHex(slot, 32), 2n ** 256n - 1n);
    expect((await meter.lastUseOf(id)).epoch).to.equal(2n ** 24n - 1n);
    expect(await meter.pauseState()).to.deep.equal(state);
    for (let slot = last; slot < last + 3n; slot++)
      await networkHelpers.setStorageAt(address, ethers.toBeHex(slot, 32), 0n);
    const { results } = await settle([await sign([line(1n), line(2n ** 64n - 1n, id)])]);

    expect(results[0]?.reasons).to.deep.equal([Reason.None, Reason.ResourceUnknown]);
    for (let slot = last; slot < last + 6n; slot++)
      expect(BigInt(await ethers.provider.getStorage(address, slot))).to.equal(0n);
    const end = BigInt(await networkHelpers.time.latest()) + 3_600n;
    await meter.pause(ethers.zeroPadBytes("0x01", 20), end);
    const behind = ethers.toBeHex(last + 3n, 32);
    expect(BigInt(await ethers.provider.getStorage(address, behind))).to.not.equal(0n);
  });
});

/** Slot of the use of resource 0: the only one from which `lastUseOf` reads. */
async function resourcePlace({ core, meter }: Suite): Promise<bigint> {
  const address = await core.getAddress();
  for (let slot = 0n; slot < 64n; slot++) {
    const place = ethers.toBeHex(slot, 32);
    const before = BigInt(await ethers.provider.getStorage(address, place));
    await networkHelpers.setStorageAt(address, place, before ^ (1n << 128n));
    const [, units] = await meter.lastUseOf(0n).catch(() => [0n, 0n]);
    await networkHelpers.setStorageAt(address, place, before);
    if (units === 1n) return slot;
  }
  throw new Error("the use of resource 0 was not found");
}

/** Slot of the totals of the first four resources of an account at a provider. */
async function wordPlace(core: Suite["core"], account: AddressLike, provider: AddressLike) {
  const coder = ethers.AbiCoder.defaultAbiCoder();
  const [owner, node] = [
    await ethers.resolveAddress(account),
    await ethers.resolveAddress(provider),
  ];
  for (let slot = 0n; slot < 64n; slot++) {
    const outer = ethers.keccak256(coder.encode(["address", "uint256"], [owner, slot]));
    const place = ethers.keccak256(coder.encode(["address", "bytes32"], [node, outer]));
    const word = BigInt(await ethers.provider.getStorage(core, place));
    if ((word >> 58n) % 2n ** 58n === 5n) return place;
  }
  throw new Error("the totals were not found");
}
