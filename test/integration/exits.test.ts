import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import { buildStatement, domainOf, signStatement } from "../../sdk/index.js";
import { DAY, OPA } from "../support/release.js";
import { deploySuite, PARAMETERS, registerProviders } from "../support/suite.js";
import { packed } from "../support/statements.js";

const connection = await network.create({
  override: { gas: 16_777_216, gasPrice: 20_000_000_000 },
});
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const PAUSE_GUARDIAN = 18;
const REASON = ethers.dataSlice(encodeBytes32String("drill"), 0, 20);
const CREDIT = 1_000n * OPA;
const RESERVED = 100n * OPA;
const LOCKED = 50n * OPA;

/** The modules that a guardian can pause. */
const PAUSABLE = [
  ...["vault", "meter", "nodes", "slashing"],
  ...["pool", "attestations", "reserve"],
] as const;
type PausableKey = "vault" | "meter" | "nodes" | "slashing" | "pool" | "attestations" | "reserve";

/** A suite in which everything that can leave is ready to leave. */
async function ripe() {
  const suite = await deploySuite(connection);
  const signers = await ethers.getSigners();
  const [alice, provider, guardian] = [signers[10], signers[11], signers[PAUSE_GUARDIAN]];
  if (!alice || !provider || !guardian) throw new Error("nineteen signers expected");
  const sponsor = await ethers.getSigner(PARAMETERS.grants[6]?.beneficiary ?? "");
  const { meter, lock, nodes, registry, settlement, token, vault } = suite;

  await time.increase(DAY); // the epoch of the deployment releases nothing
  await vault.claim(7n);
  await registerProviders(suite, sponsor, [provider]);
  await token.connect(sponsor).transfer(alice, CREDIT + LOCKED);
  await token.connect(alice).approve(meter, CREDIT);
  await meter.connect(alice).deposit(alice, CREDIT);
  await token.connect(alice).approve(lock, LOCKED);
  const { earliest } = await lock.endRange();
  await lock.connect(alice).lock(LOCKED, earliest);
  const until = BigInt(await time.latest()) + DAY;
  await meter.connect(alice).reserve(alice, provider, alice, RESERVED, until);
  const line = { provider: provider.address, resource: 1n, cumulativeUnits: 1_000_000n };
  const statement = buildStatement({
    account: alice.address,
    priceEpoch: await registry.currentEpoch(),
    deadline: until,
    lines: [line],
  });
  await settlement.settle(
    packed([await signStatement(alice, await domainOf(settlement), statement)]),
  );
  await nodes.connect(provider).exit();
  await time.increase(30n * DAY);

  return { ...suite, alice, provider, pauser: guardian };
}

type Ripe = Awaited<ReturnType<typeof ripe>>;

/** Exits that must always work, and their recipients. */
const EXITS: Record<string, (suite: Ripe) => { send: () => Promise<unknown>; payee: string }> = {
  "free credit": ({ meter, alice }) => ({
    send: () => meter.connect(alice).withdraw(alice, alice, 100n * OPA),
    payee: alice.address,
  }),
  "a reservation that has ended, and then its credit": ({ meter, alice, provider }) => ({
    send: async () => {
      const before = await meter.creditOf(alice);
      await meter.connect(alice).releaseReservation(alice, provider);
      const released = (await meter.creditOf(alice)) - before;
      return meter.connect(alice).withdraw(alice, alice, before + released);
    },
    payee: alice.address,
  }),
  "vested tokens": ({ vault }) => ({
    send: () => vault.claim(1n),
    payee: PARAMETERS.grants[0]?.beneficiary ?? "",
  }),
  "vested tokens of several schedules": ({ vault }) => ({
    send: () => vault.claimMany([1n, 6n]),
    payee: PARAMETERS.grants[0]?.beneficiary ?? "",
  }),
  "vested tokens to somebody else": ({ vault, alice }) => ({
    send: async () => {
      const beneficiary = await ethers.getSigner(PARAMETERS.grants[0]?.beneficiary ?? "");
      return vault.connect(beneficiary).claimTo(1n, alice);
    },
    payee: alice.address,
  }),
  "a lock that has ended": ({ lock, alice }) => ({
    send: () => lock.connect(alice).withdraw(),
    payee: alice.address,
  }),
  "stake whose unbonding is over": ({ nodes, provider }) => ({
    send: () => nodes.withdraw(provider),
    payee: provider.address,
  }),
  "rewards, pushed by anybody": ({ pool, provider }) => ({
    send: () => pool.claim(provider),
    payee: provider.address,
  }),
  "rewards, to somebody else": ({ pool, provider, alice }) => ({
    send: () => pool.connect(provider).claimTo(alice),
    payee: alice.address,
  }),
};

/** Calls without a payment that must work as well. */
const RIGHTS: Record<string, (suite: Ripe) => Promise<unknown>> = {
  delegation: ({ lock, alice, provider }) => lock.connect(alice).delegate(provider),
  "revoking keys": ({ meter, alice }) => meter.connect(alice).revokeAllKeys(alice),
  "offering a schedule to somebody": async ({ vault, alice }) => {
    const beneficiary = await ethers.getSigner(PARAMETERS.grants[0]?.beneficiary ?? "");
    return vault.connect(beneficiary).proposeBeneficiary(1n, alice);
  },
  "closing epochs": ({ incentiveVault }) => incentiveVault.close(),
  "returning the rest of draws": ({ incentiveVault }) => incentiveVault.returnUnused(),
  "observing a condition": ({ reserve, stageCap }) => reserve.observe(stageCap),
  "ending a pause by decision": async ({ addresses, ...suite }) => {
    const governance = await ethers.getImpersonatedSigner(addresses.timelock);
    await networkHelpers.setBalance(governance.address, OPA);
    for (const key of PAUSABLE as readonly PausableKey[])
      if (await suite[key].isPaused()) await suite[key].connect(governance).movePause(0n);
  },
};

/** Every single module paused, and all of them. */
const STATES: [string, readonly PausableKey[]][] = [
  ["nothing", []],
  ...PAUSABLE.map((key): [string, readonly PausableKey[]] => [key, [key]]),
  ["every module", PAUSABLE],
];

describe("Exits (SAF-3, SAF-I1, SYS-I4, abuse cases 71 and 75)", function () {
  for (const [state, keys] of STATES) {
    describe(`while ${state} is paused`, function () {
      async function paused() {
        const suite = await networkHelpers.loadFixture(ripe);
        const until = BigInt(await time.latest()) + 3n * DAY;
        for (const key of keys) await suite[key].connect(suite.pauser).pause(REASON, until);
        return suite;
      }

      for (const [name, exit] of Object.entries(EXITS)) {
        it(`pays ${name}`, async function () {
          const suite = await paused();
          const { send, payee } = exit(suite);
          const before = await suite.token.balanceOf(payee);

          await send();

          expect((await suite.token.balanceOf(payee)) > before).to.equal(true);
        });
      }

      for (const [name, act] of Object.entries(RIGHTS)) {
        it(`allows ${name}`, async function () {
          const suite = await paused();

          await act(suite);

          expect(await suite.token.totalSupply()).to.be.lessThanOrEqual(800_000_000n * OPA);
        });
      }
    });
  }

  describe("in every state that pauses can have", function () {
    /** Visits every set of modules that can be paused. Each set adds one pause to an earlier one. */
    async function visitSets(
      suite: Ripe,
      visit: (paused: readonly PausableKey[]) => Promise<void>,
      keys: readonly PausableKey[] = PAUSABLE,
      paused: readonly PausableKey[] = [],
    ): Promise<void> {
      const snapshot = await networkHelpers.takeSnapshot();
      await visit(paused);
      await snapshot.restore();
      for (const [i, key] of keys.entries()) {
        const until = BigInt(await time.latest()) + 3n * DAY;
        await suite[key].connect(suite.pauser).pause(REASON, until);
        await visitSets(suite, visit, keys.slice(i + 1), [...paused, key]);
        await snapshot.restore();
      }
    }

    for (const [name, exit] of Object.entries(EXITS))
      it(`pays ${name}`, async function () {
        this.timeout(300_000);
        const suite = await networkHelpers.loadFixture(ripe);
        const { send, payee } = exit(suite);
        let sets = 0;

        await visitSets(suite, async (keys) => {
          sets += 1;
          const before = await suite.token.balanceOf(payee);

          await send();

          const after = await suite.token.balanceOf(payee);
          expect(after, `with ${keys.join(", ")} paused`).to.be.greaterThan(before);
        });

        expect(sets).to.equal(2 ** PAUSABLE.length);
      });
  });

  describe("while every module is paused for as long as governance can", function () {
    async function pausedForLong() {
      const suite = await networkHelpers.loadFixture(ripe);
      const governance = await ethers.getImpersonatedSigner(suite.addresses.timelock);
      await networkHelpers.setBalance(governance.address, OPA);
      const begin = BigInt(await time.latest());
      for (const key of PAUSABLE as readonly PausableKey[]) {
        await suite[key].connect(suite.pauser).pause(REASON, begin + 3n * DAY);
        await suite[key].connect(governance).movePause(begin + 30n * DAY);
      }
      await time.increaseTo(begin + 30n * DAY - 60n);
      return suite;
    }

    for (const [name, exit] of Object.entries(EXITS))
      it(`pays ${name}`, async function () {
        const suite = await pausedForLong();
        const { send, payee } = exit(suite);
        const before = await suite.token.balanceOf(payee);

        await send();

        expect(await suite.token.balanceOf(payee)).to.be.greaterThan(before);
        expect(await suite.nodes.isPaused()).to.equal(true);
      });
  });

  it("finds a pause in every module that has user functions, and in no other", async function () {
    const suite = await networkHelpers.loadFixture(ripe);
    const contracts = { ...suite } as unknown as Record<string, { interface?: unknown }>;

    const found = Object.entries(contracts)
      .filter(([, contract]) => {
        const abi = contract.interface as { getFunction?: (name: string) => unknown } | undefined;
        return typeof abi?.getFunction === "function" && abi.getFunction("isPaused") !== null;
      })
      .map(([key]) => key);

    expect(found.sort()).to.deep.equal([...PAUSABLE].sort());
  });

  for (const [name, exit] of Object.entries(EXITS)) {
    it(`pays ${name} when nobody else has acted for a year (SYS-I4)`, async function () {
      const suite = await networkHelpers.loadFixture(ripe);
      await time.increase(365n * DAY);
      const { send, payee } = exit(suite);
      const before = await suite.token.balanceOf(payee);

      await send();

      expect((await suite.token.balanceOf(payee)) > before).to.equal(true);
    });
  }
});
