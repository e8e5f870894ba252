import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { Wallet } from "ethers";

import { createDomain, signStatement } from "../../sdk/index.js";
import { JournalStore, type MeterStore } from "../../sdk/node/index.js";
import type { StatementRecord } from "../../sdk/metering/store.js";
import { BATCH_GAS } from "../../sdk/settling/gas.js";
import { withoutReplaced } from "../../sdk/settling/order.js";
import { planRecords } from "../../sdk/settling/settler.js";
import { above, below, type Figure } from "./figure.js";

const CHAIN_ID = 31_337n;
const SETTLEMENT = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const AT_ONCE = 200;
const PRICES = new Map([
  [1n, 10n],
  [2n, 20n],
]);

/** All figures. @param calls how many calls are recorded and recovered. */
export async function measureLibrary(calls: number): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "opa-bench-"));
  try {
    return [
      ...(await measureCalls(path.join(folder, "calls"), calls)),
      ...(await measureAccounts(folder)),
      ...(await measureKeys(folder)),
      ...(await measurePlanning()),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Recording and recovering calls of a hundred accounts. */
async function measureCalls(file: string, calls: number): Promise<Figure[]> {
  const store = await open(file);
  const accounts = addresses(100, 1);
  const recording = await cpu(async () => {
    for (let i = 0; i < calls; i += AT_ONCE)
      await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, calls - i) }, (_, j) =>
          store.record(callOf(i + j, accounts[(i + j) % accounts.length] ?? "")),
        ),
      );
  });
  await store.close();
  const startedAt = performance.now();
  const recovery = await cpu(async () => {
    const again = await open(file);
    const found = await again.find(`call ${calls - 1}`);
    if (!found) throw new Error("The last call was not recovered.");
    await again.close();
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const limit = (20 * calls) / 1_000_000;
  return [
    above("calls recorded", calls / (recording / 1_000), "per second of CPU", 15_000),
    below(`recovery of ${calls} calls`, seconds, "seconds", limit),
    below(`recovery of ${calls} calls, CPU`, recovery / 1_000, "seconds of CPU", limit),
  ];
}

/** Admission with few and with many accounts, and due use of ten of them. */
async function measureAccounts(folder: string): Promise<Figure[]> {
  const admissions: number[] = [];
  const dues: number[] = [];
  for (const count of [10, 1_000, 10_000]) {
    const store = await open(path.join(folder, `accounts-${count}`));
    const accounts = addresses(count, 1_000_000);
    for (let i = 0; i < count; i += AT_ONCE)
      await Promise.all(
        accounts.slice(i, i + AT_ONCE).map((account, j) => store.record(callOf(i + j, account))),
      );
    admissions.push(await measureAdmission(store, accounts));
    // All but ten have nothing due any more.
    await Promise.all(accounts.slice(10).map((account) => store.writeOff({ account })));
    dues.push(
      (await cpu(async () => {
        for (let i = 0; i < 500; i += 1) await store.due();
      })) / 500,
    );
    await store.close();
  }
  const [few = 0, some = 0, many = 0] = admissions;
  const [dueFew = 0, , dueMany = 0] = dues;
  return [
    { ...below("admission, 10 accounts", few, "ms of CPU", 0.4), key: "admission10" },
    { ...below("admission, 1,000 accounts", some, "ms of CPU", 0.4), key: "admission1000" },
    { ...below("admission, 10,000 accounts", many, "ms of CPU", 0.4), key: "admission5000" },
    below("admission, 10,000 accounts beside 10", many / few, "", 1.5),
    below("due use of ten accounts among 10", dueFew, "ms of CPU", 1),
    below("due use of ten accounts among 10,000", dueMany, "ms of CPU", 1),
  ];
}

/** CPU of an admission that is given up again; the least of some measurements, since other programs disturb each. */
async function measureAdmission(store: MeterStore, accounts: readonly string[]): Promise<number> {
  const rounds = 2_000;
  let calls = 0;
  const admit = async (): Promise<void> => {
    const account = accounts[calls % 10] ?? "";
    calls += 1;
    const { name, provider, epoch, uses } = callOf(calls, account, "admission");
    const risk = { prices: PRICES, perProvider: 10n ** 18n, perAccount: 10n ** 18n };
    const beginning = await store.begin({
      ...{ name, request: "r", account, provider, epoch, uses, lease: 60_000, risk },
    });
    if (beginning.kind === "open") await store.abandon(name, beginning.token);
  };
  for (let i = 0; i < 500; i += 1) await admit(); // until it is compiled
  let least = Infinity;
  for (let measurement = 0; measurement < 8; measurement += 1) {
    const all = await cpu(async () => {
      for (let i = 0; i < rounds; i += 1) await admit();
    });
    least = Math.min(least, all / rounds);
  }
  return least;
}

/** Ten keys of one account in turns beside one key; the best of some measurements, since other programs disturb each. */
async function measureKeys(folder: string): Promise<Figure[]> {
  const keys = addresses(10, 5_000);
  const account = keys[0] ?? "";
  let stores = 0;
  const measure = async (signers: readonly string[]) => {
    stores += 1;
    const store = await open(path.join(folder, `keys-${stores}`));
    const calls = 30_000;
    const milliseconds = await cpu(() => recordAll(store, account, signers, calls));
    await store.close();
    return calls / (milliseconds / 1_000);
  };
  await measure(keys.slice(0, 2)); // until it is compiled
  let [one, ten] = [0, 0];
  for (let measurement = 0; measurement < 3; measurement += 1) {
    one = Math.max(one, await measure(keys.slice(0, 1)));
    ten = Math.max(ten, await measure(keys));
  }
  return [above("ten keys in turns in the store, of one key's rate", ten / one, "", 0.8)];
}

async function recordAll(
  store: MeterStore,
  account: string,
  signers: readonly string[],
  calls: number,
): Promise<void> {
  for (let i = 0; i < calls; i += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, j) => {
        const signer = signers[(i + j) % signers.length] ?? account;
        return store.record({ ...callOf(i + j, account), signer });
      }),
    );
}

/** Cutting 10,000 statements into batches. */
async function measurePlanning(): Promise<Figure[]> {
  const wallet = new Wallet(`0x${"22".repeat(32)}`);
  const domain = createDomain(CHAIN_ID, SETTLEMENT);
  const [provider = ""] = addresses(1, 9);
  const lines = [1n, 2n].map((resource) => ({ provider, resource, cumulativeUnits: 5n }));
  const statement = { account: wallet.address, priceEpoch: 10n, deadline: 2n ** 40n, lines };
  const signed = await signStatement(wallet, domain, statement);
  const records = addresses(10_000, 50_000).map((account, order): StatementRecord => ({
    id: account,
    order,
    signed: { ...signed, statement: { ...statement, account } },
    state: "signed",
    transaction: undefined,
    aside: undefined,
  }));
  let batches = 0;
  const milliseconds = await cpu(() => {
    batches = planRecords(withoutReplaced(records), BATCH_GAS).length;
    return Promise.resolve();
  });
  if (batches === 0) throw new Error("Nothing was planned.");
  return [below("planning of 10,000 statements", milliseconds, "ms of CPU", 1_000)];
}

function open(file: string): Promise<JournalStore> {
  return JournalStore.open({ file, chainId: CHAIN_ID, settlement: SETTLEMENT });
}

function callOf(number: number, account: string, kind = "call") {
  return {
    name: `${kind} ${number}`,
    request: "5d41402abc4b2a76b9719d911017c592",
    account,
    provider: PROVIDER,
    epoch: 10n,
    uses: [
      { resource: 1n, units: 120n },
      { resource: 2n, units: 45n },
    ],
  };
}

const [PROVIDER = ""] = addresses(1, 7);

/** Addresses in checksum form, each another. */
function addresses(count: number, from: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `0x${(BigInt(from + i) + 10n ** 20n).toString().padStart(40, "1")}`,
  );
}

/** Milliseconds of CPU that some work takes. */
async function cpu(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
