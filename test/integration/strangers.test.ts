import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import {
  Interface,
  MaxUint256,
  toQuantity,
  ZeroAddress,
  type FunctionFragment,
  type ParamType,
} from "ethers";
import { network } from "hardhat";

import { CONTRACTS } from "../../deploy/lib/manifest.js";
import { createRandom } from "../../scripts/loop/random.js";
import { stateChanging } from "../support/calls.js";
import { read, readAll } from "../support/reads.js";
import { DAY, OPA } from "../support/release.js";
import { registerProviders } from "../support/suite.js";
import { deployInUse, outcome, statementFor } from "../support/upgrade.js";

const CALLS = process.env["DEEP"] === "1" ? 600 : 64; // of each function
const STRANGER = 12;
const RESERVED = 100n * OPA;
const GAS = 3_000_000n;
const BLOCK = 16; // calls in a block, so that time passes between some of them
const PRICE = toQuantity(20_000_000_000n);

const connection = await network.create();
const { ethers, networkHelpers } = connection;

/**
 * A suite in which other accounts hold every kind of asset and approved every module. A stranger
 * has OPA, credit, a provider and a lock of its own, and no right.
 */
async function inhabited() {
  const suite = await deployInUse(connection);
  const { meter, lock, manifest, provider, registry, settlement, token, vault } = suite;
  const { alice, voter } = suite;
  const stranger = (await ethers.getSigners())[STRANGER];
  if (!stranger) throw new Error("thirteen signers expected");
  const until = BigInt(await networkHelpers.time.latest()) + 20n * DAY;
  await meter.connect(alice).reserve(alice, provider, alice, RESERVED, until);
  await outcome(settlement, await statementFor(suite, settlement, 1_000_000n));
  await lock.connect(voter).delegate(alice);
  await networkHelpers.time.increase(2n * DAY);

  await registerProviders(suite, voter, [stranger]);
  for (const account of [provider, stranger])
    await token.connect(voter).transfer(account, 10_000n * OPA);
  const modules = Object.values(CONTRACTS).map((name) => manifest.contracts[name].address);
  const conditions = [await suite.stageCap.getAddress()];
  const schedules = await vault.scheduleCount();
  const ids = Array.from({ length: Number(schedules) }, (_, i) => BigInt(i) + 1n);
  const beneficiaries = new Set<string>();
  for (const id of ids) beneficiaries.add((await vault.scheduleOf(id)).beneficiary);
  const victims = [...new Set([alice.address, provider.address, voter.address, ...beneficiaries])];
  for (const victim of [...victims, stranger.address]) {
    const signer = await ethers.getImpersonatedSigner(victim);
    await networkHelpers.setBalance(victim, 100n * OPA);
    for (const module of modules) await token.connect(signer).approve(module, MaxUint256);
  }
  await meter.connect(stranger).deposit(stranger, 1_000n * OPA);
  const { latest } = await lock.endRange();
  await lock.connect(stranger).lock(1_000n * OPA, latest);

  /** Assets of an account: wallet, free credit, sum; and the end of its lock. */
  const holdingsOf = async (account: string) => {
    const [
      wallet,
      credit,
      stake,
      { amount: locked, end },
      { amount: reserved },
      claimable,
      ...own
    ] = await readAll(connection, [
      read(token.balanceOf, account),
      read(meter.creditOf, account),
      read(suite.nodes.stakeOf, account),
      read(lock.lockOf, account),
      read(meter.reservationOf, account, provider.address),
      read(suite.pool.claimableOf, account),
      ...ids.map((id) => read(vault.scheduleOf, id)),
    ]);
    let all = wallet + credit + reserved + stake.staked + stake.unbonding + locked + claimable;
    for (const { beneficiary, total, released } of own)
      if (beneficiary === account) all += total - released;
    return { wallet, credit, all, end };
  };
  const numbers = [await registry.currentEpoch(), until];
  return { ...suite, stranger, modules, conditions, schedules, victims, holdingsOf, numbers };
}

/** Functions that the stranger gets through at least once, of those that pay, move or book something. */
const OPEN = [
  ...["burn", "burnFrom", "transfer", "transferFrom"].map((name) => `OPAToken.${name}`),
  ...["claim", "claimMany", "createSchedule"].map((name) => `ReleaseVault.${name}`),
  ...["deposit", "withdraw"].map((name) => `Meter.${name}`),
  ...["stake", "exit"].map((name) => `NodeRegistry.${name}`),
  ...["increase", "delegate"].map((name) => `GovernanceLock.${name}`),
  ...["close", "returnUnused"].map((name) => `IncentiveVault.${name}`),
  ...["claim", "setPayout"].map((name) => `IncentivePool.${name}`),
  ...["Settlement.settle", "SystemReserve.observe"],
];

type Inhabited = Awaited<ReturnType<typeof inhabited>>;

/** Arguments that a curious or malicious caller would try: everybody's addresses, numbers that exist, and the ends of ranges. */
function argumentsFor(suite: Inhabited, fragment: FunctionFragment, random: () => number) {
  const { conditions, modules, numbers, stranger, victims, schedules } = suite;
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[Math.floor(random() * choices.length)];
    if (choice === undefined) throw new Error("nothing to choose from");
    return choice;
  };
  const own = pick([0.1, 0.1, 0.8]); // how often the stranger names itself
  const number = (bits: bigint): bigint => {
    const most = 2n ** bits - 1n;
    const small = BigInt(Math.floor(random() * (Number(schedules) + 1)));
    const value = pick([small, small, 0n, 1n, 3n, OPA, 100n * OPA, ...numbers, most]);
    return value > most ? most : value;
  };
  const value = (type: ParamType): unknown => {
    if (type.isArray()) {
      const length = type.arrayLength === -1 ? pick([0, 1, 1, 2]) : type.arrayLength;
      return Array.from({ length }, () => value(type.arrayChildren));
    }
    if (type.isTuple()) return type.components.map(value);
    if (type.type === "address") {
      if (type.name === "condition") return pick(conditions);
      if (random() < own) return stranger.address;
      // Those with the most to lose come first.
      return random() < 0.7
        ? pick(random() < 0.7 ? victims.slice(0, 3) : victims)
        : pick([...modules, ZeroAddress]);
    }
    if (type.type === "bool") return pick([true, false]);
    if (type.type === "string") return pick(["", "text", "governor/quorum-floor"]);
    if (type.type === "bytes") return pick(["0x", `0x${"11".repeat(65)}`, "0x12345678"]);
    if (type.type.startsWith("bytes"))
      return ethers.zeroPadBytes(pick(["0x01", "0xff"]), Number(type.type.slice(5)));
    return number(BigInt(type.type.replace("uint", "") || "256"));
  };
  return fragment.inputs.map(value);
}

/** Sends calls as the stranger, and says whether any of them went through. */
async function attempt(
  stranger: HardhatEthersSigner,
  to: string,
  calls: readonly string[],
): Promise<boolean> {
  const { provider } = connection;
  const form = { from: stranger.address, to, gas: toQuantity(GAS), gasPrice: PRICE };
  const hashes: unknown[] = [];
  await provider.request({ method: "evm_setAutomine", params: [false] });
  try {
    for (let first = 0; first < calls.length; first += BLOCK) {
      for (const data of calls.slice(first, first + BLOCK)) {
        const request = { method: "eth_sendTransaction", params: [{ ...form, data }] };
        hashes.push(await provider.request(request));
      }
      await provider.request({ method: "evm_mine" });
    }
  } finally {
    await provider.request({ method: "evm_setAutomine", params: [true] });
  }
  const statuses: bigint[] = [];
  for (const hash of hashes) {
    const request = { method: "eth_getTransactionReceipt", params: [hash] };
    const { status } = (await provider.request(request)) as { status: string };
    statuses.push(BigInt(status));
  }
  return statuses.includes(1n);
}

describe("Calls of a stranger (SYS-I2)", function () {
  /** Functions of which at least one call went through. */
  const passed = new Set<string>();

  for (const name of Object.values(CONTRACTS)) {
    it(`make nobody else poorer, whatever function of ${name} they call`, async function () {
      const suite = await networkHelpers.loadFixture(inhabited);
      const { manifest, stranger, victims, holdingsOf } = suite;
      const { address, abi } = manifest.contracts[name];
      const contract = Interface.from(abi);
      const random = createRandom(manifest.deploymentBlock + name.length);
      const before = await Promise.all(victims.map(holdingsOf));

      const fresh = await networkHelpers.takeSnapshot();
      for (const fragment of stateChanging(contract)) {
        const calls = Array.from({ length: CALLS }, () =>
          contract.encodeFunctionData(fragment, argumentsFor(suite, fragment, random)),
        );
        if (await attempt(stranger, address, calls)) passed.add(`${name}.${fragment.name}`);
        const after = await Promise.all(victims.map(holdingsOf));
        for (const [i, victim] of victims.entries()) {
          const what = `${victim} after ${fragment.name}`;
          for (const part of ["wallet", "credit", "all"] as const)
            expect(after[i]?.[part], `${part} of ${what}`).to.be.greaterThanOrEqual(
              before[i]?.[part],
            );
          expect(after[i]?.end, `end of ${what}`).to.equal(before[i]?.end);
        }
        await fresh.restore();
      }
    });
  }

  it("go through where they do not need anybody else", function () {
    expect([...passed]).to.include.members(OPEN);
  });
});
