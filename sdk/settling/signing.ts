import { MeterError } from "../metering/meter-error.js";
import type { DueUse, MeterStore, StatementDraft } from "../metering/store.js";
import {
  hashStatement,
  type SignedStatement,
  type Statement,
  type StatementDomain,
} from "../statements/statement.js";
import { SettlerError } from "./errors.js";

/**
 * Signs a statement for due use. A statement other than the one that was asked for is not taken. Undefined if nobody can
 * sign now; the use stays due.
 */
export type SignDue = (
  statement: Statement,
  due: DueUse,
  domain: StatementDomain,
) => Promise<SignedStatement | undefined>;

/** How due use is signed. */
export interface SigningOptions {
  readonly store: Pick<MeterStore, "add" | "draft">;
  readonly domain: StatementDomain;
  readonly sign: SignDue;
  /** Milliseconds to wait for a signature. */
  readonly signWithin: number;
  /** Deadline of a statement of an epoch, in seconds since 1970. */
  readonly deadlineOf: (priceEpoch: bigint) => bigint;
  /** Whether a contract wallet accepts a signature. */
  readonly isAcceptedByWallet: (
    wallet: string,
    hash: string,
    signature: string,
  ) => Promise<boolean>;
}

/** Due use that is not signed. */
export interface Unsigned {
  readonly due: DueUse;
  readonly error: unknown;
}

const ACCOUNTS_AT_ONCE = 256;
const SLOW = 4; // a key is slow after this part of its time

/**
 * Signs due use, many accounts at a time. The keys of one account sign one after the other, since a statement begins where
 * the one before it ends. While one of them is slow, the keys after it are asked too, only to learn whether they answer. So
 * many keys that hang take hardly longer than one.
 *
 * A key is asked one question at a time, and no more once it has not answered.
 */
export class Signing {
  readonly #options: SigningOptions;
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #silent = new Set<string>();
  #signed = 0;

  constructor(options: SigningOptions) {
    this.#options = options;
  }

  /**
   * Has all due use signed and hands the statements to the store.
   *
   * @returns the number of new statements, and the use that is not signed, in its order.
   * @throws {MeterError} `unavailable` if the store cannot be reached.
   */
  async signAll(all: readonly DueUse[]): Promise<{ signed: number; unsigned: Unsigned[] }> {
    const byAccount = new Map<string, DueUse[]>();
    for (const due of all) {
      const dues = byAccount.get(due.account);
      if (dues) dues.push(due);
      else byAccount.set(due.account, [due]);
    }
    const accounts = [...byAccount.values()];
    const errors = new Map<DueUse, unknown>();
    let next = 0;
    const work = async () => {
      for (let dues = accounts[next++]; dues; dues = accounts[next++])
        await this.#signAccount(dues, errors);
    };
    const done = await Promise.allSettled(Array.from({ length: ACCOUNTS_AT_ONCE }, work));
    for (const outcome of done) if (outcome.status === "rejected") throw outcome.reason;
    const unsigned = all.filter((due) => errors.has(due));
    return {
      signed: this.#signed,
      unsigned: unsigned.map((due) => ({ due, error: errors.get(due) })),
    };
  }

  async #signAccount(dues: readonly DueUse[], errors: Map<DueUse, unknown>): Promise<void> {
    const asked = new Set<string>();
    const askOthers = (after: number) => {
      for (const due of dues.slice(after))
        if (!asked.has(due.signer)) {
          asked.add(due.signer);
          void this.#try(due);
        }
    };
    for (const [i, due] of dues.entries()) {
      asked.add(due.signer);
      const { signWithin } = this.#options;
      const timer = setTimeout(askOthers, signWithin / SLOW, i + 1);
      try {
        for (const draft of await this.#options.store.draft(due)) await this.#signOne(draft, due);
      } catch (error) {
        if (error instanceof MeterError && error.code === "unavailable") throw error;
        errors.set(due, error);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async #signOne(draft: StatementDraft, due: DueUse): Promise<void> {
    const { store } = this.#options;
    const signed = await this.#ask(draft, due);
    if (!signed) return;
    if (!isFor(draft, this.#options.deadlineOf(due.priceEpoch), signed.statement))
      throw new SettlerError(
        `key ${due.signer} has signed another statement than it was asked for`,
      );
    try {
      await store.add(signed);
    } catch (error) {
      const isUnfit = error instanceof MeterError && error.code === "unfit";
      if (!isUnfit || !(await this.#isWallet(signed))) throw error;
      await store.add(signed, true);
    }
    this.#signed += 1;
  }

  /** Asks a key for its next signature before its turn, to learn whether it answers. */
  async #try(due: DueUse): Promise<void> {
    try {
      const [draft] = await this.#options.store.draft(due);
      if (draft) await this.#ask(draft, due);
    } catch {
      // It is asked again in its turn, unless it is silent.
    }
  }

  /** @throws {SettlerError} if the key does not answer in its time. */
  #ask(draft: StatementDraft, due: DueUse): Promise<SignedStatement | undefined> {
    const { signer, priceEpoch } = due;
    const { deadlineOf, domain, sign, signWithin } = this.#options;
    const answer = (this.#turns.get(signer) ?? Promise.resolve()).then(async () => {
      if (this.#silent.has(signer)) throw new SettlerError(`key ${signer} does not answer`);
      const statement = { ...draft, deadline: deadlineOf(priceEpoch), lines: [...draft.lines] };
      const signed = await within(sign(statement, due, domain), signWithin);
      if (signed !== LATE) return signed;
      this.#silent.add(signer);
      throw new SettlerError(`key ${signer} has not answered for ${signWithin} ms`);
    });
    this.#turns.set(
      signer,
      answer.catch(() => undefined),
    );
    return answer;
  }

  async #isWallet({ signature, signer, statement }: SignedStatement): Promise<boolean> {
    const { domain, isAcceptedByWallet } = this.#options;
    try {
      return await isAcceptedByWallet(signer, hashStatement(domain, statement), signature);
    } catch {
      return false; // the store says why it is not taken
    }
  }
}

const LATE = Symbol("late");

/** Whether a signed statement says what was asked. One that is valid and says less would leave use unsettled for ever. */
function isFor(draft: StatementDraft, deadline: bigint, signed: Statement): boolean {
  const textOf = ({ account, lines, priceEpoch }: StatementDraft) =>
    [
      `${account} ${priceEpoch}`,
      ...lines.map((line) => `${line.provider} ${line.resource} ${line.cumulativeUnits}`),
    ]
      .join("\n")
      .toLowerCase();
  return signed.deadline === deadline && textOf(signed) === textOf(draft);
}

/** The result of some work, or `LATE` if it takes longer. */
async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, milliseconds, LATE);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
