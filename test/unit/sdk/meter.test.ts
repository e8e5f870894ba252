import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { getAddress, Wallet } from "ethers";

import { createDomain, recoverSigner, type SignedStatement } from "../../../sdk/index.js";
import { JournalError, MeterError, UsageMeter, type CallRecord } from "../../../sdk/node/index.js";
import { createRandom } from "../../../scripts/loop/random.js";
import { SimulatedDisk } from "../../support/simulated-disk.js";

const HISTORIES = 300;
const DEADLINE = 2n ** 40n;
const settlement = getAddress(`0x${"5e".repeat(20)}`);
const domain = createDomain(31_337n, settlement);
const wallet = new Wallet(`0x${"01".repeat(32)}`);
const alice = wallet.address;
const bob = getAddress(`0x${"b0".repeat(20)}`);
const low = getAddress(`0x${"11".repeat(20)}`);
const high = getAddress(`0x${"ee".repeat(20)}`);
const by = { signer: wallet, domain, deadline: DEADLINE };

function call(
  id: string,
  units: bigint,
  epoch = 5n,
  changes: Partial<CallRecord> = {},
): CallRecord {
  const uses = [{ resource: 1n, units }];
  return { id, account: alice, provider: low, epoch, uses, ...changes };
}

function line(cumulativeUnits: bigint, resource = 1n, provider = low) {
  return { provider, resource, cumulativeUnits };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "not refused",
    (error: unknown) => {
      expect(error).to.be.instanceOf(MeterError);
      return (error as Error).message;
    },
  );
}

describe("sdk/meter", function () {
  let disk: SimulatedDisk;
  let meter: UsageMeter;

  beforeEach(async function () {
    disk = new SimulatedDisk();
    meter = await open();
  });

  async function open(): Promise<UsageMeter> {
    return UsageMeter.open({ file: "j", chainId: 31_337n, settlement, disk });
  }

  /** The meter as the next process has it. */
  async function reopen(): Promise<UsageMeter> {
    await meter.close();
    meter = await open();
    return meter;
  }

  describe("record", function () {
    it("refuses what cannot be a call", async function () {
      const long = "x".repeat(257);

      expect(await refusal(meter.record(call("", 1n)))).to.equal(
        "The name of a call has 1 to 256 characters, and this one has 0.",
      );
      expect(await refusal(meter.record(call(long, 1n)))).to.include("and this one has 257.");
      expect(await refusal(meter.record(call("a", -1n)))).to.equal(
        "-1 does not fit 128 bits, so it cannot be the units of a call.",
      );
      expect(await refusal(meter.record(call("a", 1n, 2n ** 32n)))).to.include("an epoch");
      expect(await refusal(meter.record(call("a", 1n, 5n, { account: "0x1" })))).to.equal(
        '"0x1" is not an address, so it cannot be the account.',
      );
      expect(await refusal(meter.record(call("a", 1n, 5n, { provider: "" })))).to.include(
        "a provider",
      );
      expect(meter.lines()).to.deep.equal([]);
    });

    it("adds calls up by account, provider and resource, whatever the case of an address", async function () {
      await meter.record(call("a", 5n));
      await meter.record(
        call("b", 6n, 5n, { account: alice.toLowerCase(), provider: low.toLowerCase() }),
      );
      await meter.record(call("c", 7n, 5n, { provider: high }));
      await meter.record(
        call("d", 8n, 5n, {
          account: bob,
          uses: [
            { resource: 2n, units: 3n },
            { resource: 1n, units: 0n },
            { resource: 2n, units: 4n },
          ],
        }),
      );

      for (const each of [meter, await reopen()]) {
        expect(each.due()).to.deep.equal([
          { account: alice, priceEpoch: 5n, lines: [line(11n), line(7n, 1n, high)] },
          { account: bob, priceEpoch: 5n, lines: [line(7n, 2n)] },
        ]);
        expect(each.unsettled(alice, high.toLowerCase())).to.deep.equal([
          { provider: high, resource: 1n, units: 7n },
        ]);
      }
    });

    it("counts a call once, also when it comes again at once, later or after a restart", async function () {
      const at = await Promise.all([meter.record(call("a", 5n)), meter.record(call("a", 5n))]);
      const later = await meter.record(call("a", 5n));
      await meter.record(call("b", 5n, 6n));
      const after = await (await reopen()).record(call("a", 5n));

      expect([...at, later, after]).to.deep.equal([true, false, false, false]);
      expect(meter.remembers("a")).to.equal(true);
      expect(meter.remembers("c")).to.equal(false);
      expect(meter.unsettled(alice)).to.deep.equal([{ provider: low, resource: 1n, units: 10n }]);
    });

    it("refuses a name that was used for another call", async function () {
      await meter.record(call("12n", 5n));
      await reopen();

      for (const other of [
        call("12n", 6n),
        call("12n", 5n, 6n),
        call("12n", 5n, 5n, { account: bob }),
      ])
        expect(await refusal(meter.record(other))).to.equal(
          'Call "12n" was counted before with other content, in epoch 5.',
        );
      expect(meter.unsettled(alice)).to.deep.equal([{ provider: low, resource: 1n, units: 5n }]);
    });

    it("refuses an epoch that is over for the account, and loses nothing", async function () {
      await meter.record(call("a", 5n, 6n));

      expect(await refusal(meter.record(call("b", 1n, 5n)))).to.equal(
        `Call "b" is of epoch 5, and epoch 6 has begun for account ${alice}: the clock went backwards.`,
      );
      expect(await meter.record(call("b", 1n, 6n))).to.equal(true);
      expect(await meter.record(call("c", 1n, 5n, { account: bob }))).to.equal(true);
      expect(meter.unsettled(alice)).to.deep.equal([{ provider: low, resource: 1n, units: 6n }]);
    });

    it("refuses more units than a statement holds", async function () {
      await meter.record(call("a", 2n ** 128n - 1n));

      expect(await refusal(meter.record(call("b", 1n)))).to.equal(
        'Call "b" takes a running total over what a statement holds.',
      );
    });

    it("confirms nothing that is not on the disk", async function () {
      await meter.record(call("a", 1n));
      disk.room = 20;

      const lost = await meter.record(call("b", 2n)).catch((error: unknown) => error);
      const again = await meter.record(call("b", 2n)).catch((error: unknown) => error);
      const signed = await meter
        .sign({ account: alice, priceEpoch: 5n, lines: [line(1n)] }, by)
        .catch((error: unknown) => error);
      disk.room = Infinity;
      await reopen();

      for (const error of [lost, again, signed]) expect(error).to.be.instanceOf(JournalError);
      expect(meter.unsettled(alice)).to.deep.equal([{ provider: low, resource: 1n, units: 1n }]);
      expect(await meter.record(call("b", 2n))).to.equal(true);
    });
  });

  describe("due", function () {
    it("has a draft for each epoch with the totals at its end, oldest first", async function () {
      await meter.record(call("a", 5n, 5n, { account: bob }));
      await meter.record(call("b", 5n, 4n));
      await meter.record(call("c", 6n, 5n, { provider: high }));
      await meter.record(call("d", 7n, 6n));

      for (const each of [meter, await reopen()]) {
        expect(each.due({ account: alice })).to.deep.equal([
          { account: alice, priceEpoch: 4n, lines: [line(5n)] },
          { account: alice, priceEpoch: 5n, lines: [line(6n, 1n, high)] },
          { account: alice, priceEpoch: 6n, lines: [line(12n)] },
        ]);
        expect(each.due().map(({ priceEpoch }) => priceEpoch)).to.deep.equal([4n, 5n, 5n, 6n]);
        expect(each.due({ before: 5n })).to.have.length(1);
      }
      expect(meter.due({ account: low })).to.deep.equal([]);
    });

    it("makes several drafts of more lines than a statement holds", async function () {
      const uses = Array.from({ length: 300 }, (_, i) => ({
        resource: BigInt(300 - i),
        units: 1n,
      }));
      await meter.record(call("a", 0n, 5n, { uses }));

      const drafts = meter.due();

      expect(drafts.map(({ lines }) => lines.length)).to.deep.equal([128, 128, 44]);
      expect(drafts.flatMap(({ lines }) => lines.map(({ resource }) => resource))).to.deep.equal(
        uses.map(({ resource }) => resource).reverse(),
      );
      for (const draft of drafts) await meter.sign(draft, by);
      expect(meter.due()).to.deep.equal([]);
    });
  });

  describe("sign", function () {
    it("refuses the domain of another deployment", async function () {
      await meter.record(call("a", 5n));
      const [draft] = meter.due();
      if (!draft) throw new Error("a draft expected");

      const other = { ...by, domain: createDomain(1n, settlement) };
      expect(await refusal(meter.sign(draft, other))).to.equal(
        `The domain is of contract ${settlement} on chain 1, and the meter of contract ${settlement} on chain 31337.`,
      );
    });

    it("refuses a draft that says more, less or something else than was served", async function () {
      await meter.record(call("a", 5n, 5n));
      await meter.record(call("b", 5n, 6n));
      const what = `resource 1 of provider ${low}`;

      expect(
        await refusal(meter.sign({ account: alice, priceEpoch: 5n, lines: [line(6n)] }, by)),
      ).to.equal(`Account ${alice} has no 6 units of ${what} to sign for in epoch 5.`);
      expect(
        await refusal(meter.sign({ account: bob, priceEpoch: 5n, lines: [line(1n)] }, by)),
      ).to.include("has no 1 units");
      expect(
        await refusal(meter.sign({ account: alice, priceEpoch: 6n, lines: [line(10n)] }, by)),
      ).to.equal(`Account ${alice} has units of ${what} to sign for in epoch 5, before epoch 6.`);
      await meter.sign({ account: alice, priceEpoch: 5n, lines: [line(5n)] }, by);
      expect(
        await refusal(meter.sign({ account: alice, priceEpoch: 5n, lines: [line(4n)] }, by)),
      ).to.equal(`Account ${alice} has signed for 5 units of ${what}, so 4 add nothing.`);
    });

    it("hands out a statement that is found again after a restart, in the same bytes", async function () {
      await meter.record(call("a", 5n));
      const [draft] = meter.due();
      if (!draft) throw new Error("a draft expected");

      const signed = await meter.sign(draft, by);
      await reopen();
      const again = await meter.sign(draft, { ...by, deadline: DEADLINE + 1n });

      expect(recoverSigner(domain, signed.statement, signed.signature)).to.equal(alice);
      expect(signed.statement).to.deep.equal({ ...draft, deadline: DEADLINE });
      expect(meter.pending()).to.deep.equal([signed]);
      expect(again).to.deep.equal(signed);
      expect(meter.due()).to.deep.equal([]);
    });

    it("signs once when the same draft is signed by two at once", async function () {
      await meter.record(call("a", 5n));
      const [draft] = meter.due();
      if (!draft) throw new Error("a draft expected");

      const [left, right] = await Promise.all([
        meter.sign(draft, by),
        meter.sign(draft, { ...by, deadline: 7n }),
      ]);

      expect(left).to.equal(right);
      expect(meter.pending(undefined, { all: true })).to.have.length(1);
    });

    it("changes nothing when the signer fails", async function () {
      await meter.record(call("a", 5n));
      const [draft] = meter.due();
      if (!draft) throw new Error("a draft expected");
      const signer = {
        getAddress: () => Promise.resolve(alice),
        signTypedData: () => Promise.reject(new Error("the key is locked")),
      };

      const failed = await meter.sign(draft, { ...by, signer }).catch((error: unknown) => error);

      expect(String(failed)).to.equal("Error: the key is locked");
      expect(meter.due()).to.deep.equal([draft]);
      expect(meter.pending()).to.deep.equal([]);
    });
  });

  describe("pending", function () {
    it("leaves out what a later statement stands for, unless asked for all", async function () {
      await meter.record(call("a", 5n));
      const first = await signDue();
      await meter.record(call("b", 5n));
      const second = await signDue();
      await meter.record(call("c", 5n, 6n));
      const third = await signDue();

      expect(meter.pending(alice)).to.deep.equal([second, third]);
      expect(meter.pending(alice, { all: true })).to.deep.equal([first, second, third]);
      expect(meter.pending(bob)).to.deep.equal([]);
    });

    it("keeps a statement that a later one replaces across another signer's", async function () {
      const other = { ...by, signer: new Wallet(`0x${"02".repeat(32)}`) };
      await meter.record(call("a", 5n));
      const first = await signDue();
      await meter.record(call("b", 5n));
      const between = await signDue(other);
      await meter.record(call("c", 5n));
      const last = await signDue();

      expect(meter.pending(alice)).to.deep.equal([first, between, last]);
    });

    it("has what is not known to be settled", async function () {
      await meter.record(call("a", 5n));
      await signDue();
      await meter.record(call("b", 5n, 6n));
      const second = await signDue();

      await meter.noteSettled(alice, [line(5n)]);
      await meter.noteSettled(alice, []);

      for (const each of [meter, await reopen()]) {
        expect(each.pending()).to.deep.equal([second]);
        expect(each.unsettled(alice)).to.deep.equal([{ provider: low, resource: 1n, units: 5n }]);
      }
      await meter.noteSettled(alice, [line(10n)]);
      expect(meter.pending()).to.deep.equal([]);
      expect(meter.unsettled(alice)).to.deep.equal([]);
    });
  });

  describe("noteSettled", function () {
    it("keeps the larger total when an older one is reported", async function () {
      await meter.record(call("a", 5n));
      await meter.noteSettled(alice, [line(4n)]);
      await meter.noteSettled(alice, [line(3n)]);

      expect(meter.unsettled(alice)).to.deep.equal([{ provider: low, resource: 1n, units: 1n }]);
    });

    it("begins a line at what the chain says, so that new use adds to it", async function () {
      await meter.noteSettled(alice.toLowerCase(), [{ ...line(100n), lastEpoch: 4n }]);
      await meter.record(call("a", 5n));

      expect(meter.due()).to.deep.equal([{ account: alice, priceEpoch: 5n, lines: [line(105n)] }]);
    });

    it("adds use of later epochs to a total that it has not signed, and takes earlier use for part of it", async function () {
      await meter.record(call("a", 5n, 4n));
      await meter.record(call("b", 7n, 5n));

      await meter.noteSettled(alice, [{ ...line(100n), lastEpoch: 4n }]);
      expect(meter.due()).to.deep.equal([{ account: alice, priceEpoch: 5n, lines: [line(107n)] }]);
      await meter.noteSettled(alice, [line(200n)]);
      expect(meter.due()).to.deep.equal([]);
    });
  });

  describe("reopen", function () {
    it("makes due again what will never settle, at a later epoch if asked", async function () {
      await meter.record(call("a", 5n, 4n));
      await meter.record(call("b", 6n, 5n));
      await meter.record(call("c", 7n, 9n));
      for (const draft of meter.due({ before: 9n })) await meter.sign(draft, by);

      await meter.reopen(alice);
      expect(meter.due().map(({ priceEpoch }) => priceEpoch)).to.deep.equal([4n, 5n, 9n]);
      await meter.reopen(alice, 6n);

      for (const each of [meter, await reopen()]) {
        expect(each.pending()).to.deep.equal([]);
        expect(each.due()).to.deep.equal([
          { account: alice, priceEpoch: 6n, lines: [line(11n)] },
          { account: alice, priceEpoch: 9n, lines: [line(18n)] },
        ]);
      }
    });
  });

  describe("forgetBefore", function () {
    it("forgets calls of earlier epochs, and refuses them from then on", async function () {
      await meter.record(call("a", 5n, 4n));
      await meter.record(call("b", 5n, 5n, { account: bob }));
      await meter.forgetBefore(5n);

      for (const restart of [false, true]) {
        const each = restart ? await reopen() : meter;
        expect([each.remembers("a"), each.remembers("b")]).to.deep.equal([false, true]);
        expect(await refusal(each.record(call("a", 5n, 4n)))).to.equal(
          'Call "a" is of epoch 4, and calls before epoch 5 are forgotten.',
        );
        expect(await each.record(call("b", 5n, 5n, { account: bob }))).to.equal(false);
      }
    });
  });

  describe("compact", function () {
    it("keeps everything in a smaller journal", async function () {
      for (let i = 0; i < 50; i += 1)
        await meter.record(call(`call ${i}`, 5n, BigInt(5 + (i >> 3))));
      await meter.sign(meter.due()[0] ?? expect.fail(), by);
      const before = [meter.due(), meter.pending(), meter.unsettled(alice), meter.lines()];
      const size = disk.bytesOf("j").length;

      await meter.compact();
      await reopen();

      expect([meter.due(), meter.pending(), meter.unsettled(alice), meter.lines()]).to.deep.equal(
        before,
      );
      expect(disk.bytesOf("j").length).to.be.lessThan(size / 2);
      expect(await meter.record(call("call 0", 5n))).to.equal(false);
    });
  });

  describe("open", function () {
    it("refuses a contract that is none, and a journal of another deployment", async function () {
      await meter.close();

      expect(
        await refusal(UsageMeter.open({ file: "j", chainId: 1n, settlement: "x", disk })),
      ).to.include("the settlement contract");
      const other = await UsageMeter.open({
        file: "j",
        chainId: 31_337n,
        settlement: bob,
        disk,
      }).catch(String);
      expect(other).to.include(`its settlement is ${settlement} and should be ${bob}.`);
    });

    it("keeps a journal on the disk of this machine", async function () {
      const folder = await mkdtemp(path.join(tmpdir(), "opa-meter-"));
      const options = { file: path.join(folder, "j"), chainId: 31_337n, settlement };
      const first = await UsageMeter.open(options);
      const isNew = first.isNew;
      await first.record(call("a", 5n));
      await first.forgetBefore(5n);
      await first.close();
      const second = await UsageMeter.open(options);
      await second.close();
      await rm(folder, { recursive: true });

      expect([isNew, second.isNew]).to.deep.equal([true, false]);
      expect(second.unsettled(alice)).to.deep.equal([{ provider: low, resource: 1n, units: 5n }]);
    });
  });

  describe("a process that is killed", function () {
    it("leaves every call that it had confirmed, and a journal that the next process takes over", async function () {
      const folder = await mkdtemp(path.join(tmpdir(), "opa-meter-"));
      const file = path.join(folder, "j");
      for (let round = 0; round < 3; round += 1) {
        const confirmed = await recordUntilKilled(file, round);

        const next = await UsageMeter.open({ file, chainId: 31_337n, settlement });
        const forgotten = confirmed.filter((name) => !next.remembers(name));
        await next.close();

        expect(confirmed).to.have.length.greaterThan(50);
        expect(forgotten).to.deep.equal([]);
      }
      await rm(folder, { recursive: true });
    });
  });

  describe("any history with kills at any point", function () {
    it(`charges every unit once, at the price of its epoch, in each of ${HISTORIES}`, async function () {
      this.timeout(120_000);
      let kills = 0;
      for (let seed = 0; seed < HISTORIES; seed += 1) kills += await live(seed);

      expect(kills).to.be.greaterThan(HISTORIES);
    });
  });

  async function signDue(signing = by): Promise<SignedStatement> {
    const [draft] = meter.due();
    if (!draft) throw new Error("a draft expected");
    return meter.sign(draft, signing);
  }
});

/** Names of the calls that a process confirmed, until it was killed in the middle of recording more. */
async function recordUntilKilled(file: string, round: number): Promise<string[]> {
  const library = new URL("../../../sdk/node/index.ts", import.meta.url).href;
  const program = `
    const { UsageMeter } = await import(${JSON.stringify(library)});
    const file = ${JSON.stringify(file)};
    const meter = await UsageMeter.open({ file, chainId: 31337n, settlement: "${settlement}" });
    const uses = [{ resource: 1n, units: 1n }];
    for (let i = 0; ; i += 1) {
      const id = "round ${round}, call " + i;
      const work = meter.record({ id, account: "${alice}", provider: "${low}", epoch: 5n, uses });
      work.then(() => process.stdout.write(id + "\\n"));
      if (i % 10 === 9) await work;
    }`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
  let output = "";
  child.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    if (output.split("\n").length > 100 * (round + 1)) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  return output.split("\n").slice(0, -1);
}

/** One history of a gateway that dies now and then, compared with the simplest of models. */
async function live(seed: number): Promise<number> {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const served = new Map<string, bigint>(); // by line and epoch
  const charged = new Map<string, bigint>();
  const totals = new Map<string, bigint>(); // settled, by line
  const handedOut = new Map<string, SignedStatement>();
  let disk = new SimulatedDisk();
  let meter = await start();
  let epoch = 3n;
  let signatures = 0;
  let kills = 0;
  let calls = 0;

  async function start(): Promise<UsageMeter> {
    return UsageMeter.open({ file: "j", chainId: 31_337n, settlement, disk });
  }

  /** Does some work until it is done, whatever dies meanwhile. */
  async function insist(work: () => Promise<void>): Promise<void> {
    if (below(3) === 0) disk.stepsLeft = below(12);
    for (;;)
      try {
        await work();
        disk.stepsLeft = Infinity;
        return;
      } catch (error) {
        if (!/disk is gone|JournalError/.test(String(error))) throw error;
        kills += 1;
        await restart();
      }
  }

  async function restart(): Promise<void> {
    disk = disk.restart(random);
    meter = await start();
    for (const [key, signed] of handedOut)
      if (
        signed.statement.lines.some(
          (x) => x.cumulativeUnits > (totals.get(lineKey(signed, x)) ?? 0n),
        )
      )
        expect(findIn(meter.pending(undefined, { all: true }), key)).to.deep.equal(signed);
  }

  const signer = {
    getAddress: () => Promise.resolve(alice),
    signTypedData: () => Promise.resolve(`0x${(signatures += 1).toString(16).padStart(130, "0")}`),
  };

  async function signAll(before?: bigint): Promise<void> {
    for (const draft of meter.due(before === undefined ? {} : { before })) {
      const deadline = BigInt(1_000 + signatures);
      const signed = await meter.sign(draft, { signer, domain, deadline });
      const key = contentOf(signed);
      expect(handedOut.get(key) ?? signed).to.deep.equal(signed);
      handedOut.set(key, signed);
    }
  }

  async function settleAll(): Promise<void> {
    for (const signed of meter.pending()) {
      const { account, priceEpoch, lines } = signed.statement;
      for (const each of lines) {
        const key = lineKey(signed, each);
        const added = each.cumulativeUnits - (totals.get(key) ?? 0n);
        if (added <= 0n) continue;
        totals.set(key, each.cumulativeUnits);
        add(charged, `${key} ${priceEpoch}`, added);
      }
      if (below(2) === 0) await meter.noteSettled(account, lines);
    }
    for (const { account, provider, resource } of meter.lines()) {
      const cumulativeUnits = totals.get(`${account} ${provider} ${resource}`) ?? 0n;
      if (below(2) === 0)
        await meter.noteSettled(account, [{ provider, resource, cumulativeUnits }]);
    }
  }

  for (let step = 0; step < 25; step += 1) {
    const choice = below(10);
    if (choice < 5) {
      const group = Array.from({ length: 1 + below(5) }, () =>
        call(`call ${(calls += 1)}`, BigInt(1 + below(100)), epoch, {
          account: below(2) === 0 ? alice : bob,
          provider: below(2) === 0 ? low : high,
        }),
      );
      for (const { account, provider, uses } of group)
        for (const { resource, units } of uses)
          add(served, `${account} ${provider} ${resource} ${epoch}`, units);
      await insist(async () => {
        const done = await Promise.allSettled(group.map((each) => meter.record(each)));
        const failed = done.find((each) => each.status === "rejected");
        if (failed) throw failed.reason;
      });
    } else if (choice === 5) epoch += 1n;
    else if (choice === 6) await insist(() => signAll(below(2) === 0 ? epoch : undefined));
    else if (choice === 7) await insist(settleAll);
    else if (choice === 8) await insist(() => meter.compact());
    else await insist(() => meter.forgetBefore(epoch - BigInt(below(2))));
  }
  await insist(() => signAll());
  await insist(settleAll);

  expect(sorted(charged), `history ${seed}`).to.deep.equal(sorted(served));
  return kills;
}

function contentOf({ statement }: SignedStatement): string {
  const lines = statement.lines.map((x) => `${x.provider} ${x.resource} ${x.cumulativeUnits}`);
  return [statement.account, statement.priceEpoch, ...lines].join();
}

function findIn(statements: readonly SignedStatement[], key: string): SignedStatement | undefined {
  return statements.find((signed) => contentOf(signed) === key);
}

function lineKey(
  { statement }: SignedStatement,
  { provider, resource }: { provider: string; resource: bigint },
) {
  return `${statement.account} ${provider} ${resource}`;
}

function add(sums: Map<string, bigint>, key: string, units: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + units);
}

function sorted(sums: Map<string, bigint>): [string, bigint][] {
  return [...sums].sort(([left], [right]) => (left < right ? -1 : 1));
}
