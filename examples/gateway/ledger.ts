import type { SignedStatement, StatementDomain } from "../../sdk/index.js";
import type { UsageMeter } from "../../sdk/node/index.js";
import type { Answer, Answers } from "./answers.js";
import type { Chain } from "./chain.js";
import type { Consumer, Consumers } from "./consumers.js";

/**
 * Counts calls and signs for them, so that each key signs for its own use. The totals of a statement are those of the
 * account: when another key of the same account calls, what is open is signed by the key that used it first.
 */
export class Ledger {
  readonly #meter: UsageMeter;
  readonly #answers: Answers;
  readonly #chain: Chain;
  readonly #consumers: Consumers;
  readonly #domain: StatementDomain;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: {
    readonly meter: UsageMeter;
    readonly answers: Answers;
    readonly chain: Chain;
    readonly consumers: Consumers;
    readonly domain: StatementDomain;
  }) {
    this.#meter = options.meter;
    this.#answers = options.answers;
    this.#chain = options.chain;
    this.#consumers = options.consumers;
    this.#domain = options.domain;
  }

  /** Counts an answer once, at the price of the epoch in which it leaves; it is durable once this resolves. */
  async record(consumer: Consumer, { id, provider, uses }: Answer): Promise<void> {
    const { account, name } = consumer;
    const { written } = await this.#inTurn(account, async () => {
      if (this.#meter.remembers(id)) return { written: undefined };
      if (this.#answers.holderOf(account) !== name) {
        await this.#signAll(account);
        await this.#answers.hold(account, name);
      }
      // Not awaited here, so that calls of one key are written together.
      const { epoch } = this.#chain;
      return { written: this.#meter.record({ id, account, provider, epoch, uses }) };
    });
    await written;
  }

  /** Signs for everything that an account has used. */
  signDue(account: string): Promise<SignedStatement[]> {
    return this.#inTurn(account, () => this.#signAll(account));
  }

  async #signAll(account: string): Promise<SignedStatement[]> {
    const signed: SignedStatement[] = [];
    for (const draft of this.#meter.due({ account })) {
      const holder = this.#consumers.find(this.#answers.holderOf(account) ?? "");
      if (!holder)
        throw new Error(`Nobody in the settings can sign for the open use of account ${account}.`);
      const deadline = await this.#chain.lastChance(draft.priceEpoch);
      const { signer } = holder;
      signed.push(await this.#meter.sign(draft, { signer, domain: this.#domain, deadline }));
    }
    return signed;
  }

  async #inTurn<T>(account: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(account) ?? Promise.resolve()).then(work);
    this.#turns.set(
      account,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
