import {
  Interface,
  type BlockTag,
  type Provider,
  type Signer,
  type TransactionReceipt,
} from "ethers";

import type { IMeter } from "../../typechain-types/contracts/interfaces/IMeter.js";
import type { ISettlement } from "../../typechain-types/contracts/interfaces/ISettlement.js";
import type { LineKey, LineTotal } from "../metering/store.js";
import type { Contracts } from "../reads/contracts.js";
import { BlockRangeError, readRanges } from "../reads/ranges.js";
import { lineCodesOf, reasonOf, type Reason } from "../reads/reasons.js";
import { packStatement, type SignedStatement } from "../statements/statement.js";
import { messageOf, SettlerError } from "./errors.js";

/** Verdict of the chain on a statement at some block. */
export interface Judgement {
  /** Why the statement as a whole does not settle, or `None`. */
  readonly reason: Reason;
  /** Reason of each line, in the statement's order; empty if none was looked at. */
  readonly reasons: readonly Reason[];
}

/** Constants of a deployment. They never change, so they are read once. */
export interface Constants {
  readonly chainId: bigint;
  readonly address: string;
  /** First second of epoch 0. */
  readonly genesis: bigint;
  /** Seconds of an epoch. */
  readonly duration: bigint;
  /** Epochs after its own in which use can settle. */
  readonly window: bigint;
}

/** A block, as far as settling needs it. */
export interface Head {
  readonly number: number;
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
}

const READS_AT_ONCE = 50;

/**
 * The settlement contract and the Meter behind it, as the settler uses them. All that depends on the shape of the contracts is in this file and in
 * sdk/statements.
 */
export class SettlementChain {
  readonly #settlement: ISettlement;
  readonly #meter: IMeter;
  readonly #provider: Provider;
  readonly #retries: number;
  readonly #wait: (milliseconds: number) => Promise<void>;
  #constants: Promise<Constants> | undefined;

  constructor(
    { settlement, meter }: Pick<Contracts, "meter" | "settlement">,
    sender: Signer,
    options: { readonly retries: number; readonly wait: (milliseconds: number) => Promise<void> },
  ) {
    if (!sender.provider) throw new SettlerError("The sender is not connected to a chain.");
    this.#settlement = settlement.connect(sender);
    this.#meter = meter.connect(sender);
    this.#provider = sender.provider;
    this.#retries = options.retries;
    this.#wait = options.wait;
  }

  constants(): Promise<Constants> {
    this.#constants ??= this.#readConstants().catch((error: unknown) => {
      this.#constants = undefined;
      throw error;
    });
    return this.#constants;
  }

  /** The block of a tag; undefined if the node has none. */
  async head(tag: BlockTag): Promise<Head | undefined> {
    return this.retry(`read block ${tag}`, async () => {
      const block = await this.#provider.getBlock(tag);
      if (!block) return undefined;
      const { number, timestamp, gasLimit } = block;
      return { number, timestamp: BigInt(timestamp), gasLimit };
    });
  }

  /** Result of statements in one transaction. Not tried again if the call itself fails. */
  async preview(statements: readonly SignedStatement[], block: BlockTag): Promise<Judgement[]> {
    const results = await this.#settlement.preview.staticCall(statements.map(packStatement), {
      blockTag: block,
    });
    return statements.map((signed, i) => {
      const result = results[i];
      if (!result)
        throw new SettlerError("The preview has fewer results than there are statements.");
      const codes = lineCodesOf(result, signed.statement.lines.length);
      return { reason: reasonOf(result.reason), reasons: codes.map(reasonOf) };
    });
  }

  /** Gas of settling statements. */
  estimate(statements: readonly SignedStatement[]): Promise<bigint> {
    return this.#settlement.settle.estimateGas(statements.map(packStatement));
  }

  /** Sends statements. */
  send(
    statements: readonly SignedStatement[],
    overrides: { readonly gasLimit: bigint; readonly nonce: number } & Record<string, unknown>,
  ) {
    return this.#settlement.settle(statements.map(packStatement), overrides);
  }

  /** The receipt of a transaction that is known to have been mined and not to have failed. */
  async receipt(hash: string): Promise<TransactionReceipt | undefined> {
    const receipt = await this.#provider.getTransactionReceipt(hash).catch(() => null);
    return receipt?.status === 1 ? receipt : undefined;
  }

  /** Running totals at a block. A node that has not got the block yet is waited for. */
  async totals(lines: readonly LineKey[], block: BlockTag): Promise<LineTotal[]> {
    const totals: LineTotal[] = [];
    for (let i = 0; i < lines.length; i += READS_AT_ONCE) {
      const some = lines.slice(i, i + READS_AT_ONCE);
      totals.push(
        ...(await Promise.all(
          some.map(({ account, provider, resource }) =>
            this.retry("read a line", async () => {
              const { cumulativeUnits } = await this.#meter.lineOf(account, provider, resource, {
                blockTag: block,
              });
              return { account, provider, resource, total: cumulativeUnits };
            }),
          ),
        )),
      );
    }
    return totals;
  }

  /** Lines that settled in some blocks, by their events. @throws {SettlerError} if the node refuses single blocks. */
  async settledLines(
    first: number,
    last: number,
    { providers, chunk }: { readonly providers?: readonly string[]; readonly chunk?: number },
  ): Promise<LineKey[]> {
    const lines = new Map<string, LineKey>();
    const options = {
      retries: this.#retries,
      wait: this.#wait,
      ...(chunk !== undefined && { chunk }),
    };
    for (const provider of providers ?? [undefined]) {
      const filter = this.#meter.filters.LineSettled(undefined, provider);
      const read = (from: number, to: number) => this.#meter.queryFilter(filter, from, to);
      const events = await readRanges(first, last, read, options).catch((error: unknown) => {
        if (!(error instanceof BlockRangeError)) throw error;
        throw new SettlerError(`${error.message}: ${messageOf(error.cause)}`, { cause: error });
      });
      for (const { args } of events) {
        const line = { account: args.account, provider: args.provider, resource: args.resource };
        lines.set(`${line.account} ${line.provider} ${line.resource}`, line);
      }
    }
    return [...lines.values()];
  }

  /** Tries something that only reads, again and again. @throws {SettlerError} if it never succeeds. */
  async retry<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt >= this.#retries)
          throw new SettlerError(`The settler could not ${what}: ${messageOf(error)}`, {
            cause: error,
          });
        await this.#wait(Math.min(100 * 2 ** attempt, 5_000));
      }
    }
  }

  /** Whether a contract wallet accepts a signature (ERC-1271). */
  async isAcceptedByWallet(wallet: string, hash: string, signature: string): Promise<boolean> {
    const data = ERC1271.encodeFunctionData("isValidSignature", [hash, signature]);
    try {
      const answer = await this.#provider.call({ to: wallet, data });
      return answer.length === 66 && answer.startsWith(MAGIC) && /^0x.{8}0{56}$/.test(answer);
    } catch {
      return false;
    }
  }

  async #readConstants(): Promise<Constants> {
    const [settlement, meter] = [this.#settlement, this.#meter];
    return this.retry("read the deployment's constants", async () => {
      const [genesis, duration, window, { chainId }, address] = await Promise.all([
        meter.GENESIS(),
        meter.EPOCH_DURATION(),
        meter.SETTLEMENT_WINDOW(),
        this.#provider.getNetwork(),
        settlement.getAddress(),
      ]);
      return { chainId, address, genesis, duration, window };
    });
  }
}

const MAGIC = "0x1626ba7e";
const ERC1271 = new Interface(["function isValidSignature(bytes32, bytes) view returns (bytes4)"]);
