/**
 * Verifies a deployment by replay. Until the hand-over only the deployer had rights, and a
 * deployment is a fixed series of transactions. So the same parameters are deployed in this process
 * from the same account and nonce, and every transaction of the deployer has to be equal. Their
 * effects (constructors, allocations, roles, wiring) need no comparison of their own. Later
 * decisions are separated from changes without a decision.
 */
import { keccak256 } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { readAbi } from "../lib/abis.js";
import { listCreations } from "../lib/describe.js";
import { CONTRACT_KEYS, CONTRACTS, type Manifest, type ManifestEntry } from "../lib/manifest.js";
import { isKnownCommit, readCompiler, type Compiler } from "../lib/provenance.js";
import { Rpc, type FoundLog } from "../lib/rpc.js";
import { isStep } from "../lib/send.js";
import { replay, type Series, type Step } from "../lib/series.js";
import { isChainOf } from "../networks.js";
import { hashParameters } from "../parameters/reader.js";
import type { Parameters } from "../parameters/schema.js";
import { listChanges } from "./changes.js";
import { Decisions } from "./decisions.js";
import { Differences, type Difference } from "./difference.js";
import { History, type Past } from "./history.js";
import { readLogs } from "./logs.js";
import { collectAskable, listChangedRights, readFlags } from "./rights.js";

/** Findings of a verification. */
export interface Verdict {
  /** Differences from the files without a decision; none if the deployment is correct. */
  differences: Difference[];
  /** Differences with a reason: a decision, or a transaction without effect. */
  notes: string[];
}

/** Everything that is compared. */
interface Subject {
  rpc: Rpc;
  manifest: Manifest;
  history: History;
  found: Differences;
}

/** Compares a chain with a manifest and a parameter file. */
export async function verifyDeployment(
  connection: NetworkConnection,
  manifest: Manifest,
  parameters: Parameters,
): Promise<Verdict> {
  const rpc = new Rpc(connection);
  const found = new Differences();
  const chainId = await rpc.chainId();
  found.same("chain id", BigInt(manifest.chainId), chainId);
  // The local file names keys that are public, so it is for no other chain.
  if (!isChainOf(parameters.networks, chainId)) {
    const networks = parameters.networks.join(", ");
    found.same(`chain of ${parameters.name}.json5`, `one of ${networks}`, `chain ${chainId}`);
  }
  found.same("parameter file of the manifest", parameters.name, manifest.parameters.name);
  const fingerprint = hashParameters(parameters);
  found.same("fingerprint of the parameters", fingerprint, manifest.parameters.sha256);
  if (found.list.some(({ what }) => what === "chain id"))
    return { differences: found.list, notes: [] };

  const history = await History.open(rpc, manifest);
  if (history === undefined) {
    found.same("first transaction of the manifest", `one of ${manifest.deployer}`, "none");
    return { differences: found.list, notes: [] };
  }

  const { deployer, first } = history;
  const origin = { chainId, deployer, time: first.timestamp };
  const subject = { rpc, manifest, history, found };
  const notes = await replay(
    origin,
    parameters,
    () => history.next(),
    (series, honest) => compare(subject, series, honest),
  );
  if (!isKnownCommit(manifest.commit))
    notes.unshift(
      `The manifest names the commit ${manifest.commit}, which is not in this repository.`,
    );
  return { differences: found.list, notes: [...history.notes, ...notes] };
}

/** Compares with an honest deployment; returns later decisions. */
async function compare(
  subject: Subject,
  series: Series,
  honest: NetworkConnection,
): Promise<string[]> {
  const { history, found, manifest } = subject;
  const before = found.list.length;
  compareTransactions(history, series, found);
  await compareManifest(subject, series);
  const isHonest = found.list.length === before;
  await compareCode(subject, series, new Rpc(honest));
  // Contracts of other transactions are not asked about themselves.
  if (!isHonest || found.list.length !== before) return [];

  const logs = await readLogs(subject.rpc, manifest, history.first.block);
  const last = history.steps.at(-1)?.block ?? 0;
  const own = new Set(history.steps.map((past) => past?.hash));
  const later = logs.filter((log) => log.blockNumber >= last && !own.has(log.transactionHash));
  const decisions = new Decisions(manifest, logs);
  return [
    ...(await compareRights(subject, new Rpc(honest), logs, decisions)),
    ...compareChanges(manifest, later, decisions, found),
  ];
}

/** Every transaction, in order. */
function compareTransactions({ steps }: History, series: Series, found: Differences): void {
  for (const [i, step] of series.steps.entries()) {
    const past = steps[i];
    if (past !== undefined && isStep(past, step)) continue;
    const what = `transaction ${i + 1} (${step.label}), nonce ${step.nonce}`;
    found.same(what, describeStep(step), past ? describePast(past) : "none of the deployer");
  }
}

/** Contracts, transactions and provenance of the manifest. */
async function compareManifest(subject: Subject, series: Series): Promise<void> {
  const { manifest, history, found } = subject;
  const { transactions, contracts, others, deploymentBlock, compiler } = manifest;
  const isBefore = deploymentBlock < history.first.block;
  found.same("block before the first transaction", true, isBefore);
  const own = await readCompiler();
  found.same("compiler of the manifest", describeCompiler(own), describeCompiler(compiler));
  found.same("transactions of the manifest", series.steps.length, transactions.length);
  for (const [i, { label, nonce }] of series.steps.entries()) {
    const entry = transactions[i];
    const title = entry && `${entry.label}, nonce ${entry.nonce}`;
    found.same(`name of transaction ${i + 1} in the manifest`, `${label}, nonce ${nonce}`, title);
    found.same(`hash of transaction ${i + 1} in the manifest`, history.steps[i]?.hash, entry?.hash);
  }

  const made = new Map(listCreations(series).map((entry) => [entry.creation.address, entry]));
  const compareEntry = (name: string, address: string, entry: ManifestEntry | undefined) => {
    const creation = made.get(address);
    const hash = creation && history.steps[creation.index]?.hash;
    const args = creation?.creation.arguments;
    found.same(`address of ${name}`, address, entry?.address);
    found.same(`arguments of ${name} in the manifest`, args, entry?.constructorArguments);
    found.same(`transaction of ${name} in the manifest`, hash, entry?.transaction);
    made.delete(address);
  };
  for (const key of CONTRACT_KEYS) {
    const contract = CONTRACTS[key];
    const [abi, entry] = [await readAbi(contract), contracts[contract]];
    found.same(
      `interface of ${contract} in the manifest`,
      JSON.stringify(abi),
      JSON.stringify(entry.abi),
    );
    compareEntry(contract, series.addresses[key] ?? "", entry);
  }
  const labels = [...made.values()].map(({ label }) => label);
  found.same("contracts besides in the manifest", labels, Object.keys(others));
  for (const { label, creation } of made.values()) {
    const { contract } = creation;
    found.same(`contract of ${label} in the manifest`, contract, others[label]?.contract);
    compareEntry(label, creation.address, others[label]);
  }
}

function describeCompiler({ version, settings }: Compiler): string {
  return `${version} ${settings}`;
}

/** The code of every contract, immutables included. */
async function compareCode(
  { rpc, manifest, found }: Subject,
  series: Series,
  honest: Rpc,
): Promise<void> {
  const hashes = new Map(
    [...Object.values(manifest.contracts), ...Object.values(manifest.others)].map(
      ({ address, codeHash }) => [address, codeHash],
    ),
  );
  for (const { label, creation } of listCreations(series)) {
    const { address } = creation;
    const [honestCode, code] = [await honest.code(address), await rpc.code(address)];
    const expected = keccak256(honestCode);
    let actual = "no code";
    if (code !== "0x") actual = code === honestCode ? expected : keccak256(code);
    found.same(`code of ${creation.contract} (${label})`, expected, actual);
    found.same(`code hash of ${label} in the manifest`, expected, hashes.get(address));
  }
}

/** Compares present rights; returns decisions. */
async function compareRights(
  { rpc, manifest, found }: Subject,
  honest: Rpc,
  logs: readonly FoundLog[],
  decisions: Decisions,
): Promise<string[]> {
  const askable = collectAskable(manifest, logs);
  const changed = await listChangedRights(honest, rpc, manifest, askable);
  const notes: string[] = [];
  for (const { what, before, now, isChangedBy } of changed) {
    const hash = logs.findLast((log) => decisions.find(log.transactionHash, isChangedBy));
    const decision = hash && decisions.find(hash.transactionHash, isChangedBy);
    if (decision === undefined) found.same(what, before, `${now}, by nobody knows whom`);
    else notes.push(`${what}: ${before} before, now ${now}, by ${decision}.`);
  }
  for (const { what, isStored, isAllowed } of await readFlags(rpc, manifest, askable))
    found.same(what, isAllowed, isStored);
  return notes;
}

/** Compares values that only decisions change; returns decisions. */
function compareChanges(
  manifest: Manifest,
  logs: readonly FoundLog[],
  decisions: Decisions,
  found: Differences,
): string[] {
  const notes: string[] = [];
  for (const { what, transaction, decision } of listChanges(manifest, logs, decisions)) {
    if (decision !== undefined) notes.push(`${what}, by ${decision}.`);
    else found.same(what, "a decision", `transaction ${transaction}, by nobody knows whom`);
  }
  return notes;
}

function describeStep({ to, data }: Step): string {
  return describe(to ?? null, data, 0n);
}

function describePast({ to, input, value, hash }: Past): string {
  return `${describe(to, input, value)} in ${hash}`;
}

/** A transaction in a few words. */
function describe(to: string | null, data: string, value: bigint): string {
  const bytes = (data.length - 2) / 2;
  const fingerprint = keccak256(data).slice(0, 18);
  const paid = value === 0n ? "" : `, ${value} wei`;
  return to === null
    ? `a contract of ${bytes} bytes (${fingerprint})${paid}`
    : `a call of ${to.toLowerCase()} with ${data.slice(0, 10)}, ${bytes} bytes (${fingerprint})${paid}`;
}
