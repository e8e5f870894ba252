import {
  AbiCoder,
  concat,
  dataSlice,
  getBytes,
  keccak256,
  toBeHex,
  zeroPadBytes,
  zeroPadValue,
} from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import type { EIP1193Provider } from "hardhat/types/providers";

import { describeDeployment } from "../../deploy/lib/describe.js";
import type { Manifest } from "../../deploy/lib/manifest.js";
import { Rpc } from "../../deploy/lib/rpc.js";
import { planSeries, type Series, type Step } from "../../deploy/lib/series.js";
import { PARAMETERS } from "./suite.js";

/** A transaction of the deployer, as a dishonest one may send it. */
export interface Forged {
  nonce: number;
  to?: string | undefined;
  data: string;
  value?: bigint;
}

/** A dishonest deployer: it changes honest transactions, and adds its own at other nonces. */
export interface Forgery {
  /** Nonces that the honest transactions leave out. */
  skipped?: readonly number[];
  extra?: (series: Series) => readonly Forged[];
  change?: (step: Step, series: Series) => Partial<Forged>;
}

type Request = Parameters<EIP1193Provider["request"]>[0];

/** How a node answers a request. */
export type Answer = (request: Request) => Promise<unknown>;

/** Storage slots that are looked at for a mapping. */
const MOST_SLOTS = 64;

const SLOTS = AbiCoder.defaultAbiCoder();

/** A connection with another answer to requests. */
export function through(connection: NetworkConnection, request: Answer): NetworkConnection {
  const replace = <T extends object>(target: T, name: string, value: unknown): T =>
    new Proxy(target, {
      get: (object, key) => (key === name ? value : (Reflect.get(object, key) as unknown)),
    });
  return replace(connection, "provider", replace(connection.provider, "request", request));
}

/** Series by the values that determine them; tests that begin with the same snapshot ask for the same one. */
const planned = new Map<string, Promise<Series>>();

/** The series of the local parameters for the first account of a connection. */
export async function planLocal(
  connection: NetworkConnection,
  skipped: Iterable<number> = [],
  firstNonce?: number,
): Promise<Series> {
  const [deployer] = await connection.ethers.getSigners();
  if (!deployer) throw new Error("one signer expected");
  const rpc = new Rpc(connection);
  const { timestamp } = await rpc.block("latest");
  const origin = { chainId: await rpc.chainId(), deployer: deployer.address, time: timestamp };
  const first = firstNonce ?? (await deployer.getNonce());
  const without = [...skipped];
  const key = [origin.chainId, origin.deployer, timestamp, first, ...without].join(" ");
  const series = planned.get(key) ?? planSeries(origin, PARAMETERS, first, new Set(without));
  planned.set(key, series);
  return structuredClone(await series);
}

/** Sends transactions of the deployer in the order of their nonces, also after a failure. */
export async function sendForged(
  { provider, ethers }: NetworkConnection,
  transactions: readonly Forged[],
): Promise<Map<number, string>> {
  const [deployer] = await ethers.getSigners();
  const hashes = new Map<number, string>();
  for (const { nonce, to, data, value } of [...transactions].sort((a, b) => a.nonce - b.nonce)) {
    const sent = { from: deployer?.address, to, data, nonce: toBeHex(nonce), gas: "0xf42400" };
    const params = [{ ...sent, ...(value !== undefined && { value: toBeHex(value) }) }];
    // The node answers with an error when it reverts, which is no matter here.
    await provider.request({ method: "eth_sendTransaction", params }).catch(() => undefined);
    const block = await ethers.provider.getBlock("latest", true);
    hashes.set(nonce, block?.prefetchedTransactions.at(-1)?.hash ?? "");
  }
  return hashes;
}

/** Deploys as a dishonest deployer would, and writes the manifest of an honest one. */
export async function deployForged(
  connection: NetworkConnection,
  { skipped = [], extra = () => [], change = () => ({}) }: Forgery,
): Promise<{ manifest: Manifest; series: Series; hashes: Map<number, string> }> {
  const block = await new Rpc(connection).blockNumber();
  const series = await planLocal(connection, skipped);
  const honest = series.steps.map((step) => ({
    nonce: step.nonce,
    to: step.to,
    data: step.data,
    ...change(step, series),
  }));
  const hashes = await sendForged(connection, [...honest, ...extra(series)]);
  return { manifest: await describeForged(connection, series, hashes, block), series, hashes };
}

/** The manifest that an honest deployer would write. */
export async function describeForged(
  connection: NetworkConnection,
  series: Series,
  hashes: ReadonlyMap<number, string>,
  block: number,
): Promise<Manifest> {
  const [deployer] = await connection.ethers.getSigners();
  const finished = { series, hashes: series.steps.map(({ nonce }) => hashes.get(nonce) ?? "") };
  const rpc = new Rpc(connection);
  return describeDeployment(rpc, PARAMETERS, deployer?.address ?? "", block, finished);
}

/** A step of a series by its label. */
export function stepOf({ steps }: Series, label: string): Step {
  const step = steps.find((candidate) => candidate.label === label);
  if (!step) throw new Error(`no step ${label}`);
  return step;
}

/** Code that calls a contract and does not look at the answer. */
export function callCode(target: string, calldata: string): string {
  const size = getBytes(calldata).length;
  const words: string[] = [];
  for (let offset = 0; offset < size; offset += 32) {
    const word = zeroPadBytes(dataSlice(calldata, offset, Math.min(offset + 32, size)), 32);
    words.push(concat(["0x7f", word, "0x61", toBeHex(offset, 2), "0x52"]));
  }
  const length = concat(["0x61", toBeHex(size, 2)]);
  return concat([...words, "0x60006000", length, "0x60006000", "0x73", target, "0x5af150"]);
}

/** Where a contract keeps the value of a key: the first mapping whose value there makes `isSeen` true. */
export async function findPlace(
  { ethers, networkHelpers }: NetworkConnection,
  address: string,
  key: string,
  value: bigint,
  isSeen: () => Promise<boolean>,
): Promise<string> {
  for (let slot = 0; slot < MOST_SLOTS; slot++) {
    const place = slotOf("address", key, toBeHex(slot));
    const before = await ethers.provider.getStorage(address, place);
    await networkHelpers.setStorageAt(address, place, value);
    const found = await isSeen();
    await networkHelpers.setStorageAt(address, place, before);
    if (found) return place;
  }
  throw new Error(`no mapping of ${address} has it`);
}

/** Creation code that leaves the given runtime code behind, and before runs other code and writes to storage. */
export function creationWithWrites(
  runtime: string,
  writes: readonly (readonly [slot: string, value: string])[],
  before = "0x",
): string {
  const stores = writes.map(([slot, value]) =>
    concat(["0x7f", zeroPadValue(value, 32), "0x7f", zeroPadValue(slot, 32), "0x55"]),
  );
  const size = getBytes(runtime).length;
  const head = concat([before, ...stores]);
  const tail = (offset: number) =>
    concat([
      "0x62",
      toBeHex(size, 3),
      "0x62",
      toBeHex(offset, 3),
      "0x5f39",
      "0x62",
      toBeHex(size, 3),
      "0x5ff3",
    ]);
  const offset = getBytes(head).length + getBytes(tail(0)).length;
  return concat([head, tail(offset), runtime]);
}

/** The slot of a mapping's value. */
export function slotOf(type: "address" | "uint64" | "bytes32", key: unknown, slot: string): string {
  return keccak256(SLOTS.encode([type, "uint256"], [key, BigInt(slot)]));
}

/** The first slots of a contract's storage that are not zero. */
export async function firstSlots(
  { ethers }: NetworkConnection,
  address: string,
  count: number,
): Promise<[string, string][]> {
  const slots: [string, string][] = [];
  for (let slot = 0; slot < count; slot++) {
    const value = await ethers.provider.getStorage(address, slot);
    if (BigInt(value) !== 0n) slots.push([toBeHex(slot, 32), value]);
  }
  return slots;
}

/** Calldata with one ABI-encoded part replaced by another of the same length. */
export function replaceBytes(data: string, before: string, after: string): string {
  const [plain, changed] = [before.slice(2).toLowerCase(), after.slice(2).toLowerCase()];
  if (plain.length !== changed.length || !data.includes(plain))
    throw new Error("nothing to replace");
  return data.replace(plain, changed);
}
