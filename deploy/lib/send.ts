/**
 * Sends a series to a chain, one transaction after the other. Which are done is read from the chain alone, by account and nonce, so that a
 * run which was cut off anywhere goes on with the same call.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { getCreateAddress, Interface } from "ethers";
import hre from "hardhat";

import { TRANSACTION_GAS } from "../../sdk/units.js";
import { DeploymentError } from "./error.js";
import type { DeploymentFolder, Hashes } from "./folder.js";
import { firstLine, NodeError, type FoundReceipt, type FoundTransaction, type Rpc } from "./rpc.js";
import type { Series, Step } from "./series.js";

export interface SendOptions {
  /** Blocks that the last transaction waits for, its own included. */
  confirmations: number;
  /** Milliseconds between two looks at the chain. */
  pollMs: number;
  /** Milliseconds after which a transaction that is not mined is sent again with higher fees. */
  patienceMs: number;
  log: (line: string) => void;
}

/** A series that is on a chain: each transaction's hash there, in the order of its steps. */
export interface Sent {
  series: Series;
  hashes: string[];
  /** Transactions sent by this call. */
  count: number;
}

interface Mined {
  transaction: FoundTransaction;
  succeeded: boolean;
  block: number;
  blockHash: string;
}

type Fees = Record<"gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas", string | undefined>;

/** How often a transaction may revert, fail to estimate, or be refused before the run gives up. */
const TRIES = 5;

/** How often fees are raised by a quarter before the run gives up: 28 times as much in the end. */
const MOST_RAISES = 15;

/**
 * Messages of nodes for fees that no block accepts, or that do not replace a pending transaction.
 */
const TOO_CHEAP = /underpriced|fee.*(too low|less than)|tip.*below/i;

/**
 * Sends the missing transactions of a series. `plan` works it out again, without the nonces that
 * other transactions have.
 */
export async function sendSeries(
  rpc: Rpc,
  folder: DeploymentFolder,
  deployer: string,
  startBlock: number,
  plan: (skipped: ReadonlySet<number>) => Promise<Series>,
  options: SendOptions,
): Promise<Sent> {
  return new Sender(rpc, folder, deployer, startBlock, options).run(plan);
}

/** Whether a transaction on a chain is that of a step. */
export function isStep(transaction: FoundTransaction, { to, data }: Step): boolean {
  return (
    transaction.to === (to?.toLowerCase() ?? null) &&
    transaction.input.toLowerCase() === data.toLowerCase() &&
    transaction.value === 0n
  );
}

/**
 * Whether a transaction of the deployer is unrelated to the suite. Its target is neither a contract
 * that the deployer can have created with the nonces of its deployment, nor one of `others`.
 */
export function isOutside(
  { to }: FoundTransaction,
  deployer: string,
  nonces: { first: number; last: number },
  others: Iterable<string>,
): boolean {
  if (to === null || to === deployer.toLowerCase()) return false;
  for (const other of others) if (to === other.toLowerCase()) return false;
  for (let nonce = nonces.first; nonce <= nonces.last; nonce++)
    if (to === getCreateAddress({ from: deployer, nonce }).toLowerCase()) return false;
  return true;
}

class Sender {
  readonly #rpc: Rpc;
  readonly #folder: DeploymentFolder;
  readonly #deployer: string;
  readonly #options: SendOptions;
  #hashes: Hashes = new Map();
  readonly #done = new Map<number, Mined>();
  readonly #startBlock: number;
  #block: number;
  #count = 0;
  #reverts = 0;

  constructor(
    rpc: Rpc,
    folder: DeploymentFolder,
    deployer: string,
    startBlock: number,
    options: SendOptions,
  ) {
    this.#rpc = rpc;
    this.#folder = folder;
    this.#deployer = deployer;
    this.#startBlock = startBlock;
    this.#block = startBlock;
    this.#options = options;
  }

  async run(plan: (skipped: ReadonlySet<number>) => Promise<Series>): Promise<Sent> {
    this.#hashes = await this.#folder.readHashes();
    for (;;) {
      const series = await this.#settleAll(plan);
      await this.#confirm();
      const gone = await this.#forgetGone();
      if (gone === 0) {
        const hashes = series.steps.map(
          ({ nonce }) => this.#done.get(nonce)?.transaction.hash ?? "",
        );
        return { series, hashes, count: this.#count };
      }
      this.#options.log(
        `The chain was reorganised: ${gone} transactions are not where they were. Each is looked up, and sent again if it is gone.`,
      );
    }
  }

  /** Sees to it that each step is mined. Starts at the first block: a reorganisation moves transactions. */
  async #settleAll(plan: (skipped: ReadonlySet<number>) => Promise<Series>): Promise<Series> {
    this.#block = this.#startBlock;
    this.#reverts = 0;
    const skipped = new Set<number>();
    let series = await plan(skipped);
    for (let index = 0; index < series.steps.length;) {
      const step = series.steps[index];
      if (step !== undefined && (await this.#settle(step, index, series))) index += 1;
      else if (step !== undefined) {
        skipped.add(step.nonce);
        series = await plan(skipped);
      }
    }
    return series;
  }

  /** Forgets transactions that are no longer in the block they were seen in; returns how many. */
  async #forgetGone(): Promise<number> {
    let gone = 0;
    for (const [nonce, { transaction, blockHash }] of this.#done) {
      const receipt = await this.#rpc.receipt(transaction.hash);
      if (receipt?.blockHash === blockHash) continue;
      this.#done.delete(nonce);
      gone += 1;
    }
    return gone;
  }

  /** Sees to it that a step is mined; false if its nonce is taken by something else. */
  async #settle(step: Step, index: number, series: Series): Promise<boolean> {
    const title = `${index + 1} of ${series.steps.length}: ${step.label}`;
    const mined =
      this.#done.get(step.nonce) ??
      (await this.#find(step.nonce)) ??
      (await this.#sendUntilMined(step, title));
    const { transaction, succeeded, block } = mined;
    this.#block = block;
    if (isStep(transaction, step)) {
      if (succeeded) {
        this.#done.set(step.nonce, mined);
        return true;
      }
      this.#reverts += 1;
      if (this.#reverts > TRIES)
        throw new DeploymentError(
          `Transaction ${transaction.hash} (${title}) reverted, as ${TRIES} before it. See why on an explorer, then run the same command again.`,
        );
      this.#options.log(`${title} reverted in ${transaction.hash}; it is sent again.`);
      return false;
    }

    const nonces = { first: series.steps[0]?.nonce ?? 0, last: series.steps.at(-1)?.nonce ?? 0 };
    const others = Object.values(series.addresses);
    if (succeeded && !isOutside(transaction, this.#deployer, nonces, others))
      throw new DeploymentError(
        `Transaction ${transaction.hash} of the deployer, with nonce ${step.nonce}, is not what the parameters and contracts of now would send (${step.label}). ` +
          "Use the version and parameters that the deployment was begun with, or begin another one with --deployment-id.",
      );
    this.#options.log(
      `Nonce ${step.nonce} of the deployer was used for ${transaction.hash}, which is no part of the deployment; it goes on behind it. Use no account for two things at once.`,
    );
    return false;
  }

  /** The mined transaction with a nonce of the deployer. */
  async #find(nonce: number): Promise<Mined | undefined> {
    for (const hash of this.#hashes.get(nonce) ?? []) {
      const receipt = await this.#rpc.receipt(hash);
      const transaction = receipt && (await this.#rpc.transaction(hash));
      if (!transaction || transaction.nonce !== nonce) continue;
      if (transaction.from !== this.#deployer.toLowerCase()) continue;
      return minedIn(receipt, transaction);
    }
    if ((await this.#rpc.transactionCount(this.#deployer, "latest")) <= nonce) return undefined;

    const transaction = await this.#rpc.findByNonce(this.#deployer, nonce, this.#block);
    const receipt = transaction && (await this.#rpc.receipt(transaction.hash));
    if (!transaction || !receipt)
      throw new DeploymentError(
        `Nonce ${nonce} of the deployer was used without a transaction of it, as a delegation by EIP-7702 does, or the node is behind. Run the same command again, or use another account.`,
      );
    await this.#note(nonce, transaction.hash);
    return minedIn(receipt, transaction);
  }

  /** Sends a step, and again with higher fees, until something with its nonce is mined. */
  async #sendUntilMined(step: Step, title: string): Promise<Mined> {
    const { pollMs, patienceMs, log } = this.#options;
    let [refusals, raises] = [0, 0];
    // Something may wait already that a run before this one sent.
    let isWaiting =
      (await this.#rpc.transactionCount(this.#deployer, "pending")) > step.nonce &&
      this.#hashes.has(step.nonce);
    let since = Date.now();
    for (;;) {
      if (!isWaiting) {
        const sent = await this.#send(step, title, raises).catch(async (error: unknown) => {
          // The node may have taken it all the same, or have mined it meanwhile.
          const found = await this.#find(step.nonce);
          if (found !== undefined) return found;
          refusals += 1;
          if (refusals >= TRIES || (error instanceof DeploymentError && refusals > 1))
            throw error instanceof DeploymentError
              ? error
              : new DeploymentError(
                  `${title} was refused: ${firstLine(error)}. Run the same command again.`,
                  {
                    cause: error,
                  },
                );
          return undefined;
        });
        if (typeof sent === "object") return sent;
        if (sent === "too cheap") raises += 1;
        if (raises > MOST_RAISES)
          throw new DeploymentError(
            `${title} was refused as too cheap again and again. Run the same command again when fees are lower.`,
          );
        isWaiting = (await this.#rpc.transactionCount(this.#deployer, "pending")) > step.nonce;
        since = Date.now();
      }

      const mined = await this.#find(step.nonce);
      if (mined !== undefined) return mined;
      await sleep(pollMs);
      if (isWaiting && Date.now() - since > patienceMs) {
        raises += 1;
        isWaiting = false;
        log(`${title} is not mined yet; it is sent again with higher fees.`);
      }
    }
  }

  /** Sends a step once; says so if it was refused for its fees. */
  async #send(step: Step, title: string, raises: number): Promise<"too cheap" | undefined> {
    const call = { from: this.#deployer, to: step.to, data: step.data };
    const gas = await this.#estimate(call, step);
    const fees = await this.#fees(raises);
    const nonce = `0x${step.nonce.toString(16)}`;
    const transaction = { ...call, ...fees, nonce, gas: `0x${gas.toString(16)}` };
    try {
      const hash = (await this.#rpc.once("eth_sendTransaction", transaction)) as string;
      this.#count += 1;
      await this.#note(step.nonce, hash);
      this.#options.log(`${title} is ${hash}; it waits for a block.`);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      if (/insufficient funds|doesn't have enough funds/i.test(error.message))
        throw new DeploymentError(
          `${this.#deployer} has too little for ${step.label}: ${error.message}. Fund it, then run the same command again.`,
          { cause: error },
        );
      if (TOO_CHEAP.test(error.message)) return "too cheap";
      // It is there already, in a block or on its way to one.
      if (!/nonce|already known|known transaction/i.test(error.message)) throw error;
    }
    return undefined;
  }

  /** Gas limit of a transaction: a fifth more than it takes now. */
  async #estimate(call: object, step: Step): Promise<bigint> {
    try {
      const estimate = BigInt((await this.#rpc.request("eth_estimateGas", call)) as string);
      const limit = (estimate * 6n) / 5n;
      return limit > TRANSACTION_GAS ? TRANSACTION_GAS : limit;
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      const reason = await explainRevert(error.data);
      throw new DeploymentError(
        `${step.label} would fail: ${reason ?? error.message}. Nothing more was sent; run the same command again when that has changed.`,
        { cause: error },
      );
    }
  }

  /** Fees of a transaction: twice the base fee, so that six full blocks do not leave it behind; a quarter more each time. */
  async #fees(raises: number): Promise<Fees> {
    const { baseFee } = await this.#rpc.block("latest");
    const raise = (fee: bigint) =>
      `0x${((fee * 5n ** BigInt(raises)) / 4n ** BigInt(raises)).toString(16)}`;
    const none = { gasPrice: undefined, maxFeePerGas: undefined, maxPriorityFeePerGas: undefined };
    if (baseFee === undefined) {
      const price = BigInt((await this.#rpc.request("eth_gasPrice")) as string);
      return { ...none, gasPrice: raise(price) };
    }
    const tip = await this.#tip();
    return { ...none, maxFeePerGas: raise(2n * baseFee + tip), maxPriorityFeePerGas: raise(tip) };
  }

  /** Priority fee suggested by the node. */
  async #tip(): Promise<bigint> {
    try {
      return BigInt((await this.#rpc.request("eth_maxPriorityFeePerGas")) as string);
    } catch (error) {
      if (error instanceof NodeError) return 10n ** 9n; // not every node suggests one
      throw error;
    }
  }

  /** Waits until the last transaction is as deep as the network requires. */
  async #confirm(): Promise<void> {
    const { confirmations, pollMs, log } = this.#options;
    const goal = this.#block + confirmations - 1;
    let told = -1;
    for (;;) {
      const block = await this.#rpc.blockNumber();
      if (block >= goal) return;
      if (block !== told) log(`All are mined; ${goal - block} more blocks confirm them.`);
      told = block;
      await sleep(pollMs);
    }
  }

  async #note(nonce: number, hash: string): Promise<void> {
    this.#hashes.set(nonce, [...(this.#hashes.get(nonce) ?? []), hash]);
    await this.#folder.addHash(nonce, hash);
  }
}

function minedIn(
  { succeeded, blockNumber, blockHash }: FoundReceipt,
  transaction: FoundTransaction,
): Mined {
  return { transaction, succeeded, block: blockNumber, blockHash };
}

/** The error of the suite that the data of a revert stand for. */
async function explainRevert(data: string | undefined): Promise<string | undefined> {
  if (data === undefined || data.length < 10) return undefined;
  for (const name of await hre.artifacts.getAllFullyQualifiedNames()) {
    const { abi } = await hre.artifacts.readArtifact(name);
    const error = Interface.from(abi).parseError(data);
    if (error) return `${error.name}(${error.args.map(String).join(", ")})`;
  }
  return undefined;
}
