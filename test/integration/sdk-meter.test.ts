import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { id, Wallet } from "ethers";
import { network } from "hardhat";

import { domainOf, type SignedStatement } from "../../sdk/index.js";
import { resync, settledBy, UsageMeter, type CallRecord } from "../../sdk/node/index.js";
import { deploySuite, registerProviders } from "../support/suite.js";
import { packed } from "../support/statements.js";

const FAR = 2n ** 40n;
const CREDIT = 1_000n * 10n ** 18n;
const RESOURCES = [1n, 2n];
const connection = await network.create();
const { ethers, networkHelpers } = connection;

/** The suite with two providers and two consumers that have credit. */
async function market() {
  const suite = await deploySuite(connection);
  const { meter, genesis, token, vault } = suite;
  const [granted] = await genesis.queryFilter(
    genesis.filters.AllocationScheduled(ethers.encodeBytes32String("onboarding")),
  );
  if (!granted) throw new Error("an onboarding schedule expected");
  const sponsor = await ethers.getSigner(granted.args.beneficiary);
  await vault.claim(granted.args.scheduleId);
  await token.connect(sponsor).approve(meter, ethers.MaxUint256);

  const [left, right, alice, bob] = await Promise.all(
    ["left", "right", "alice", "bob"].map(wallet),
  );
  if (!left || !right || !alice || !bob) throw new Error("four wallets expected");
  await registerProviders(suite, sponsor, [left, right]);
  for (const consumer of [alice, bob]) await meter.connect(sponsor).deposit(consumer, CREDIT);
  const settlement = await ethers.getContractAt("ISettlement", await suite.settlement.getAddress());
  return {
    ...suite,
    settlement,
    alice,
    bob,
    left,
    right,
    domain: await domainOf(settlement),
    epochLength: await suite.registry.EPOCH_DURATION(),
  };
}

async function wallet(name: string): Promise<Wallet> {
  const created = new Wallet(id(name)).connect(ethers.provider);
  await networkHelpers.setBalance(created.address, CREDIT);
  return created;
}

describe("UsageMeter on the contracts (INT-3)", function () {
  let folder: string;
  let meter: UsageMeter;
  let suite: Awaited<ReturnType<typeof market>>;
  let served: Map<string, bigint>;
  let calls: number;

  beforeEach(async function () {
    suite = await networkHelpers.loadFixture(market);
    folder = await mkdtemp(path.join(tmpdir(), "opa-meter-"));
    meter = await open("first");
    served = new Map();
    calls = 0;
  });

  afterEach(async function () {
    await meter.close();
    await rm(folder, { recursive: true });
  });

  async function open(name: string): Promise<UsageMeter> {
    const { chainId, verifyingContract } = suite.domain;
    return UsageMeter.open({
      file: path.join(folder, name),
      chainId,
      settlement: verifyingContract,
    });
  }

  async function reopen(): Promise<void> {
    await meter.close();
    meter = await open("first");
  }

  /** Serves both consumers by both providers in the running epoch. */
  async function serve(count: number): Promise<CallRecord[]> {
    const { alice, bob, left, right, registry } = suite;
    const epoch = await registry.currentEpoch();
    const records: CallRecord[] = [];
    for (let i = 0; i < count; i += 1)
      for (const account of [alice.address, bob.address])
        for (const provider of [left.address, right.address]) {
          const uses = RESOURCES.map((resource) => {
            const units = BigInt((calls * 37) % 101) + resource;
            const key = `${account} ${provider} ${resource} ${epoch}`;
            served.set(key, (served.get(key) ?? 0n) + units);
            return { resource, units };
          });
          records.push({ id: `call ${(calls += 1)}`, account, provider, epoch, uses });
        }
    await Promise.all(records.map((each) => meter.record(each)));
    return records;
  }

  async function sign(): Promise<SignedStatement[]> {
    const { alice, bob, domain } = suite;
    const signed: SignedStatement[] = [];
    for (const draft of meter.due()) {
      const signer = draft.account === alice.address ? alice : bob;
      signed.push(await meter.sign(draft, { signer, domain, deadline: FAR }));
    }
    return signed;
  }

  /** Settles what is pending, and tells what the receipt says. */
  async function settle() {
    const sent = await suite.settlement.settle(packed(meter.pending()));
    const receipt = await sent.wait();
    if (!receipt) throw new Error("a receipt expected");
    return settledBy(receipt, await suite.meter.getAddress());
  }

  async function note(settled: ReturnType<typeof settledBy>): Promise<void> {
    for (const [account, lines] of settled) await meter.noteSettled(account, lines);
  }

  /** Checks that every unit served was burned for once, at the price of its epoch. */
  async function expectReconciled(): Promise<void> {
    const { meter: chain, registry } = suite;
    const burned = new Map<string, bigint>();
    for (const { args } of await chain.queryFilter(chain.filters.LineSettled())) {
      const key = `${args.account} ${args.provider} ${args.resource} ${args.priceEpoch}`;
      burned.set(key, (burned.get(key) ?? 0n) + args.amount);
    }
    expect([...burned.keys()].sort()).to.deep.equal([...served.keys()].sort());
    for (const [key, units] of served) {
      const [, , resource = "", epoch = ""] = key.split(" ");
      expect(burned.get(key), key).to.equal(units * (await registry.unitPriceOf(resource, epoch)));
    }
  }

  it("charges every unit at the price of its epoch, over several epochs and with a restart between any two steps", async function () {
    for (let round = 0; round < 3; round += 1) {
      const records = await serve(5);
      await reopen();
      for (const record of records) expect(await meter.record(record)).to.equal(false);
      const signed = await sign();
      await reopen();
      expect(meter.pending()).to.deep.equal(signed);
      const settled = await settle();
      await reopen();
      expect(meter.pending()).to.deep.equal(signed);
      await note(settled);
      await reopen();
      expect(meter.pending()).to.deep.equal([]);
      await networkHelpers.time.increase(suite.epochLength);
    }

    expect(meter.due()).to.deep.equal([]);
    expect(served.size).to.equal(3 * 8);
    await expectReconciled();
  });

  it("settles statements of several epochs at once, each at its own price", async function () {
    for (let round = 0; round < 3; round += 1) {
      await serve(2);
      await networkHelpers.time.increase(suite.epochLength);
    }
    await sign();

    await note(await settle());

    expect(meter.pending()).to.deep.equal([]);
    await expectReconciled();
  });

  it("settles nothing twice when what was settled is forgotten, and learns it from the chain", async function () {
    await serve(3);
    await sign();
    await settle();

    const again = await settle();
    expect([...again]).to.deep.equal([]);
    await resync(meter, { settlement: suite.settlement, meter: suite.meter });

    expect(meter.pending()).to.deep.equal([]);
    expect(meter.unsettled(suite.alice.address)).to.deep.equal([]);
    await expectReconciled();
  });

  it("goes on from what is settled after the loss of the journal, and charges no unit twice", async function () {
    await serve(4);
    await sign();
    await settle();
    const lost = new Map(served);
    await serve(1); // only the journal knows
    await meter.close();
    served = lost;

    meter = await open("second");
    expect(meter.isNew).to.equal(true);
    await resync(meter, {
      settlement: suite.settlement,
      meter: suite.meter,
      fromBlock: 0,
      chunk: 7,
    });
    expect(meter.lines()).to.have.length(8);
    expect(meter.due()).to.deep.equal([]);
    await serve(2);
    await networkHelpers.time.increase(suite.epochLength);
    await serve(2);
    await sign();
    await note(await settle());

    expect(meter.pending()).to.deep.equal([]);
    await expectReconciled();
  });
});
