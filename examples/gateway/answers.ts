import { createHash } from "node:crypto";

import type { Use } from "../../sdk/index.js";
import { Journal } from "../../sdk/node/index.js";

/** An answer that was made, before it is counted and sent. */
export interface Answer {
  /** Name of the call. */
  readonly id: string;
  /** Hash of the request, so that a name is not used for two of them. */
  readonly request: string;
  readonly provider: string;
  readonly uses: readonly Use[];
  /** Epoch in which it was made. */
  readonly epoch: bigint;
  /** What the client is sent, byte by byte. */
  readonly body: string;
}

type Entry =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "holder"; readonly account: string; readonly consumer: string };

/**
 * Answers on disk, so that a client that asks again is given the same one, also after a crash. A real model would say
 * something else the second time, and cost again. Also keeps whose key the open use of each account is of.
 */
export class Answers {
  readonly #journal: Journal;
  readonly #answers: Map<string, Answer>;
  readonly #holders: Map<string, string>;

  private constructor(
    journal: Journal,
    answers: Map<string, Answer>,
    holders: Map<string, string>,
  ) {
    this.#journal = journal;
    this.#answers = answers;
    this.#holders = holders;
  }

  /** Opens the answers in a file, which belong to a deployment as the meter does. */
  static async open(file: string, binding: Readonly<Record<string, string>>): Promise<Answers> {
    const answers = new Map<string, Answer>();
    const holders = new Map<string, string>();
    const journal = await Journal.open({ file, binding }, (text) => {
      const entry = decode(text);
      if (entry.kind === "answer") answers.set(entry.answer.id, entry.answer);
      else holders.set(entry.account, entry.consumer);
    });
    return new Answers(journal, answers, holders);
  }

  /** The answer to a call of this name, if it was made. */
  find(id: string): Answer | undefined {
    return this.#answers.get(id);
  }

  /** Keeps an answer; it is durable once this resolves. */
  async keep(answer: Answer): Promise<void> {
    const written = this.#journal.append(encode({ kind: "answer", answer }));
    this.#answers.set(answer.id, answer);
    await written;
  }

  /** Name of the consumer whose key is to sign for the open use of an account. */
  holderOf(account: string): string | undefined {
    return this.#holders.get(account);
  }

  /** Notes whose key is to sign for the use of an account from now on; durable once this resolves. */
  async hold(account: string, consumer: string): Promise<void> {
    const written = this.#journal.append(encode({ kind: "holder", account, consumer }));
    this.#holders.set(account, consumer);
    await written;
  }

  /** Forgets the answers of earlier epochs, and makes the file small. */
  async forgetBefore(epoch: bigint): Promise<void> {
    for (const answer of this.#answers.values())
      if (answer.epoch < epoch) this.#answers.delete(answer.id);
    await this.#journal.compact(() => [...this.#snapshot()].map(encode));
  }

  /** Waits for what is being written, and gives the file back. */
  close(): Promise<void> {
    return this.#journal.close();
  }

  *#snapshot(): Generator<Entry> {
    for (const [account, consumer] of this.#holders) yield { kind: "holder", account, consumer };
    for (const answer of this.#answers.values()) yield { kind: "answer", answer };
  }
}

/** Hash of what a client asked for. */
export function hashRequest(body: unknown): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

function encode(entry: Entry): string {
  return JSON.stringify(entry, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

function decode(text: string): Entry {
  const numbers = new Set(["epoch", "resource", "units"]);
  return JSON.parse(text, (key, value: unknown) =>
    numbers.has(key) ? BigInt(value as string) : value,
  ) as Entry;
}
