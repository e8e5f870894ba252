import {
  isError,
  type ContractTransactionResponse,
  type Signer,
  type TransactionReceipt,
} from "ethers";

import { BATCH_GAS, estimateGas, GAS_MODEL, isWallet, planBatches, type GasModel } from "./gas.js";
import { reasonOf, type Outlook, type Reason } from "../reads/reasons.js";
import {
  domainOf,
  hashStatementStruct,
  packStatement,
  type SignedStatement,
  type StatementDomain,
} from "../statements/statement.js";
import type { Contracts } from "../reads/contracts.js";

/** What became of a statement. */
export interface StatementOutcome {
  readonly signed: SignedStatement;
  /** `done`, or what the line that is worst off can expect. */
  readonly outlook: Outlook;
  /** Why the statement as a whole did not settle, or `None`. */
  readonly reason: Reason;
  /** Reason of each line, in the statement's order; empty if none was looked at. */
  readonly reasons: readonly Reason[];
  /** Whether it waits because a statement of an earlier price epoch or another signer waits for one of its lines. */
  readonly isHeld: boolean;
}

/** What a round of settling came to. */
export interface SettlementOutcome {
  /** Everything in them is settled. */
  readonly done: readonly StatementOutcome[];
  /** Something in them can settle once something has changed; the planner keeps them. */
  readonly later: readonly StatementOutcome[];
  /** They will not settle as they are; the planner lets go of them, and their use has to be signed for again. */
  readonly never: readonly StatementOutcome[];
  /** Hashes of the transactions that were mined. */
  readonly transactions: readonly string[];
}

/** A round that could not be finished; nothing is lost, and it can be begun again. */
export class PlannerError extends Error {
  override readonly name = "PlannerError";
}

/** How a planner works. */
export interface PlannerOptions {
  readonly contracts: Contracts;
  /**
   * Who sends and pays gas; anyone may. The account should send nothing else: the planner takes the next nonce that is not
   * mined, and so replaces what is pending there.
   */
  readonly sender: Signer;
  /** OPA wei that a provider may have served and not settled; no limit if left out. */
  readonly limit?: bigint;
  /** Most gas of a transaction. */
  readonly gasCap?: bigint;
  readonly model?: GasModel;
  /** How often a step is tried again before the round is given up. */
  readonly retries?: number;
  /** Milliseconds to wait for a transaction to be mined. */
  readonly confirmWithin?: number;
  /** Waits some milliseconds; for tests. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** A statement in the planner, in the order in which it came. */
interface Entry {
  readonly signed: SignedStatement;
  readonly order: number;
}

const RETRIES = 5;
const CONFIRM_WITHIN = 60_000;
const FIRST_PAUSE = 250;
const MARGIN = { numerator: 115n, denominator: 100n }; // over the estimate, for what changes until it is mined

/**
 * Settles signed statements in as few transactions as fit, and says what became of each.
 *
 * It believes only the chain. After each transaction, and after every doubt about one, it previews the statements again:
 * what is settled is `NothingNew` there, and what would settle is sent once more. A statement that settles twice burns
 * nothing twice, so sending too often costs gas and never credit. Statements of one account go out by price epoch, the
 * oldest first, so that no use is priced at an epoch that was signed later.
 */
export class SettlementPlanner {
  readonly #contracts: Contracts;
  readonly #sender: Signer;
  readonly #limit: bigint | undefined;
  readonly #gasCap: bigint;
  readonly #model: GasModel | undefined;
  readonly #retries: number;
  readonly #confirmWithin: number;
  readonly #wait: (milliseconds: number) => Promise<void>;
  readonly #entries = new Map<string, Entry>();
  readonly #exposure = new Map<string, bigint>();
  #added = 0;
  #lastError: unknown;
  #domain: StatementDomain | undefined;
  #round: Promise<SettlementOutcome> | undefined;

  constructor(options: PlannerOptions) {
    this.#contracts = {
      ...options.contracts,
      settlement: options.contracts.settlement.connect(options.sender),
    };
    this.#sender = options.sender;
    this.#limit = options.limit;
    this.#gasCap = options.gasCap ?? BATCH_GAS;
    this.#model = options.model;
    this.#retries = options.retries ?? RETRIES;
    this.#confirmWithin = options.confirmWithin ?? CONFIRM_WITHIN;
    this.#wait =
      options.wait ??
      ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  }

  /** Statements to settle, each once. */
  add(statements: readonly SignedStatement[]): void {
    for (const signed of statements) {
      // A contract wallet's signature may be the same for every statement.
      const hash = hashStatementStruct(signed.statement);
      const key = `${hash} ${signed.signer} ${signed.signature}`.toLowerCase();
      if (this.#entries.has(key)) continue;
      this.#entries.set(key, { signed, order: this.#added });
      this.#added += 1;
    }
  }

  /** Statements that are not settled, in the order in which they will be. */
  waiting(): SignedStatement[] {
    return this.#inOrder().map(({ signed }) => signed);
  }

  /** Counts what a provider served, at its quoted charge in OPA wei. */
  serve(provider: string, charge: bigint): void {
    const key = provider.toLowerCase();
    this.#exposure.set(key, (this.#exposure.get(key) ?? 0n) + charge);
  }

  /** Says anew what a provider has at risk: after a restart, or after a transaction that was in doubt, by the meter. */
  setExposure(provider: string, charge: bigint): void {
    this.#exposure.set(provider.toLowerCase(), charge);
  }

  /** OPA wei that a provider served and that is not settled. */
  exposureOf(provider: string): bigint {
    return this.#exposure.get(provider.toLowerCase()) ?? 0n;
  }

  /** Whether a provider may serve so much more before it settles. */
  canServe(provider: string, charge: bigint): boolean {
    return this.#limit === undefined || this.exposureOf(provider) + charge <= this.#limit;
  }

  /**
   * Statements that can be lost soon: their deadline, or the last epoch in which they can settle, ends within so many
   * seconds of the latest block; within an epoch if nothing is said.
   */
  async urgent(within?: bigint): Promise<SignedStatement[]> {
    const { meter } = this.#contracts;
    const [genesis, duration, window, block] = await Promise.all([
      meter.GENESIS(),
      meter.EPOCH_DURATION(),
      meter.SETTLEMENT_WINDOW(),
      this.#sender.provider?.getBlock("latest"),
    ]);
    if (!block) throw new PlannerError("The chain does not say what its latest block is.");
    const horizon = BigInt(block.timestamp) + (within ?? duration);
    return this.waiting().filter(({ statement: { deadline, priceEpoch } }) => {
      const closes = genesis + (priceEpoch + window + 1n) * duration;
      return deadline < horizon || closes <= horizon;
    });
  }

  /**
   * Settles what can be settled now. Calls at the same time share one round.
   *
   * @throws {PlannerError} if the chain cannot be reached, however often it is tried; the statements stay.
   */
  async settle(): Promise<SettlementOutcome> {
    this.#round ??= this.#settleAll().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #settleAll(): Promise<SettlementOutcome> {
    const transactions: string[] = [];
    const outcomes: StatementOutcome[] = [];
    const statements = this.waiting();
    if (statements.length === 0) return { done: [], later: [], never: [], transactions };

    this.#domain ??= await this.#retry("read the chain's id", () =>
      domainOf(this.#contracts.settlement),
    );
    const batches = this.#plan(statements);
    const urgent = new Set(await this.#retry("read the chain's clock", () => this.urgent()));
    const queue: Queue = { stuck: new Map(), urgent, problems: [] };
    while (batches.length > 0) {
      const batch = batches.shift() ?? [];
      const parts = await this.#settleBatch(batch, queue, transactions);
      if (parts.length > 0) batches.unshift(...parts);
      else outcomes.push(...hold(await this.#judge(batch), queue, true));
    }
    for (const { signed, outlook } of outcomes) if (outlook !== "later") this.#drop(signed);
    const of = (wanted: Outlook) => outcomes.filter(({ outlook }) => outlook === wanted);
    const [problem] = queue.problems;
    if (problem !== undefined) throw new PlannerError(problem);
    return { done: of("done"), later: of("later"), never: of("never"), transactions };
  }

  /** Batches by the model; a statement that would not fit one by the model is measured alone. */
  #plan(statements: readonly SignedStatement[]): SignedStatement[][] {
    const batches: SignedStatement[][] = [];
    let fitting: SignedStatement[] = [];
    const close = () => {
      batches.push(...planBatches(fitting, this.#gasCap, this.#model, this.#domain));
      fitting = [];
    };
    for (const signed of statements) {
      if (estimateGas([signed], this.#model, this.#domain) <= this.#gasCap) fitting.push(signed);
      else {
        close();
        batches.push([signed]);
      }
    }
    close();
    return batches;
  }

  /** Settles a batch as far as it can settle now, or says into which parts it has to be cut. */
  async #settleBatch(
    batch: SignedStatement[],
    queue: Queue,
    transactions: string[],
  ): Promise<SignedStatement[][]> {
    for (let attempt = 0; ; attempt += 1) {
      const judged = hold(await this.#judge(batch), {
        ...queue,
        stuck: new Map(queue.stuck),
      });
      const open = judged.filter(isOpen).map(({ signed }) => signed);
      if (open.length === 0) return [];
      if (attempt > this.#retries)
        throw new PlannerError(
          `${open.length} statements would settle, and after ${attempt} attempts they have not: ${messageOf(this.#lastError)}.`,
          { cause: this.#lastError },
        );
      if (attempt > 0) await this.#pause(attempt);

      const gas = await this.#estimate(open);
      if (gas === undefined || gas > this.#gasCap) {
        const half = Math.ceil(batch.length / 2);
        if (batch.length > 1) return [batch.slice(0, half), batch.slice(half)];
        const needed = gas ?? "more";
        queue.problems.push(
          `One statement takes ${needed} gas, and a transaction has ${this.#gasCap}.`,
        );
        return []; // the others are settled before this is told
      }
      const receipt = await this.#send(open, gas, attempt);
      if (!receipt) continue; // in doubt, so the chain is asked again
      transactions.push(receipt.hash);
      this.#countSettled(receipt);
    }
  }

  /** What the chain says of each statement now. */
  async #judge(batch: readonly SignedStatement[]): Promise<StatementOutcome[]> {
    const results = await this.#retry("preview the statements", () =>
      this.#contracts.settlement.preview.staticCall(batch.map(packStatement)),
    );
    return batch.map((signed, i) => {
      const result = results[i];
      if (!result)
        throw new PlannerError("The preview has fewer results than there are statements.");
      const reason = reasonOf(result.reason);
      const reasons = result.reasons.map(reasonOf);
      return { signed, reason, reasons, outlook: outlookOf(reason, reasons), isHeld: false };
    });
  }

  /** Gas of settling these statements, or nothing if they do not fit a transaction. */
  async #estimate(open: SignedStatement[]): Promise<bigint | undefined> {
    return this.#retry("estimate the gas", async () => {
      try {
        const gas = await this.#contracts.settlement.settle.estimateGas(open.map(packStatement));
        // A wallet that gets too little gas is skipped without a revert, so an estimate may have found that way out.
        const wallets = BigInt(open.filter((signed) => isWallet(signed, this.#domain)).length);
        const spare = wallets * (this.#model ?? GAS_MODEL).perWallet;
        return (gas * MARGIN.numerator) / MARGIN.denominator + spare;
      } catch (error) {
        if (isError(error, "CALL_EXCEPTION")) return undefined; // it reverts for gas alone
        if (/gas/i.test(messageOf(error)) && !isDoubt(error)) return undefined;
        throw error;
      }
    });
  }

  /** Sends a batch and waits for it; nothing if it is unknown what became of it. */
  async #send(
    open: SignedStatement[],
    gasLimit: bigint,
    attempt: number,
  ): Promise<TransactionReceipt | undefined> {
    let response: ContractTransactionResponse;
    try {
      // The next nonce that is not mined, so that what is stuck before this is replaced instead of waited for.
      const nonce = await this.#sender.getNonce("latest");
      response = await this.#contracts.settlement.settle(open.map(packStatement), {
        gasLimit,
        nonce,
        ...(await this.#fees(attempt)),
      });
    } catch (error) {
      this.#lastError = error;
      return undefined;
    }
    try {
      return (await response.wait(1, this.#confirmWithin)) ?? undefined;
    } catch (error) {
      this.#lastError = error;
      // Somebody sent the same transaction with another fee.
      const { hash } = isError(error, "TRANSACTION_REPLACED") ? error.receipt : response;
      return this.#receiptOf(hash);
    }
  }

  /** The receipt of a transaction, if it is known to have been mined and not to have failed. */
  async #receiptOf(hash: string): Promise<TransactionReceipt | undefined> {
    try {
      const receipt = await this.#sender.provider?.getTransactionReceipt(hash);
      return receipt?.status === 1 ? receipt : undefined;
    } catch {
      return undefined;
    }
  }

  /** Fees that rise with each attempt, so that a transaction can replace the one before. */
  async #fees(attempt: number) {
    if (attempt === 0) return {};
    const { maxFeePerGas, maxPriorityFeePerGas } =
      (await this.#sender.provider?.getFeeData()) ?? {};
    if (maxFeePerGas == null || maxPriorityFeePerGas == null) return {};
    const factor = 100n + 25n * BigInt(attempt);
    return {
      maxFeePerGas: (maxFeePerGas * factor) / 100n,
      maxPriorityFeePerGas: (maxPriorityFeePerGas * factor) / 100n + 1n,
    };
  }

  /** Takes what was burned through each provider off what it has at risk. */
  #countSettled(receipt: TransactionReceipt): void {
    const { interface: abi } = this.#contracts.meter;
    const topic = abi.getEvent("LineSettled").topicHash;
    for (const log of receipt.logs) {
      if (log.topics[0] !== topic) continue;
      const event = abi.decodeEventLog("LineSettled", log.data, log.topics);
      const key = String(event["provider"]).toLowerCase();
      const left = (this.#exposure.get(key) ?? 0n) - (event["amount"] as bigint);
      if (left > 0n) this.#exposure.set(key, left);
      else this.#exposure.delete(key);
    }
  }

  /** Tries something that only reads, again and again. */
  async #retry<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt >= this.#retries)
          throw new PlannerError(`The planner could not ${what}: ${messageOf(error)}.`, {
            cause: error,
          });
        await this.#pause(attempt + 1);
      }
    }
  }

  #pause(attempt: number): Promise<void> {
    return this.#wait(FIRST_PAUSE * 2 ** (attempt - 1));
  }

  #inOrder(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => {
      const epochs = a.signed.statement.priceEpoch - b.signed.statement.priceEpoch;
      return epochs === 0n ? a.order - b.order : epochs < 0n ? -1 : 1;
    });
  }

  #drop(signed: SignedStatement): void {
    for (const [key, entry] of this.#entries)
      if (entry.signed === signed) this.#entries.delete(key);
  }
}

/** Lines that cannot settle yet, with the price epoch and the signer of the first statement that waits for them. */
type StuckLines = Map<string, { readonly priceEpoch: bigint; readonly signer: string }>;

/** What a round knows of the order in which statements may settle. */
interface Queue {
  readonly stuck: StuckLines;
  /** Statements that have an epoch left at most. */
  readonly urgent: ReadonlySet<SignedStatement>;
  /** Sentences about statements that fit no transaction. */
  readonly problems: string[];
}

/** Whether anything of a statement would settle now and may. */
function isOpen({ isHeld, reason, reasons }: StatementOutcome): boolean {
  return !isHeld && reason.code === 0n && reasons.some(({ code }) => code === 0n);
}

/**
 * Holds back what would settle a line before an earlier statement that still waits for the same line: at the price of a
 * later epoch, or at the expense of another signer's limits. What would be lost by waiting is not held. Once nothing more
 * of a batch is sent (`isOver`), also what could settle by now waits.
 */
function hold(
  outcomes: readonly StatementOutcome[],
  { stuck, urgent }: Queue,
  isOver = false,
): StatementOutcome[] {
  return outcomes.map((outcome) => {
    const { account, lines, priceEpoch } = outcome.signed.statement;
    const signer = outcome.signed.signer.toLowerCase();
    const names = lines.map(({ provider, resource }) =>
      `${account} ${provider} ${resource}`.toLowerCase(),
    );
    const isHeld = names.some((name) => {
      const first = stuck.get(name);
      if (!first || urgent.has(outcome.signed)) return false;
      return first.priceEpoch < priceEpoch || first.signer !== signer;
    });
    const isWhole = outcome.reason.code !== 0n && outcome.outlook === "later";
    names.forEach((name, i) => {
      const line = outcome.reasons[i];
      const waits =
        isWhole || isHeld || (line && (line.code === 0n ? isOver : line.outlook === "later"));
      if (waits && !stuck.has(name)) stuck.set(name, { priceEpoch, signer });
    });
    return isHeld && outcome.outlook !== "never"
      ? { ...outcome, isHeld, outlook: "later" }
      : outcome;
  });
}

/** What a statement can expect: the line that is worst off decides, and one that can settle later outweighs one that never can. */
function outlookOf(reason: Reason, reasons: readonly Reason[]): Outlook {
  if (reason.code !== 0n) return reason.outlook;
  // A line without a reason would settle now; once nothing more is sent, none is left.
  const outlooks = reasons.map((line) => (line.code === 0n ? "later" : line.outlook));
  return outlooks.includes("later") ? "later" : outlooks.includes("never") ? "never" : "done";
}

/** Whether an error says nothing about the call itself. */
function isDoubt(error: unknown): boolean {
  return (
    isError(error, "NETWORK_ERROR") || isError(error, "TIMEOUT") || isError(error, "SERVER_ERROR")
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
