import type { ContractTransactionResponse, Signer, TransactionReceipt } from "ethers";
import { isError } from "ethers";

import type { MeterStore, SentTransaction, StatementRecord } from "../metering/store.js";
import type { SettlementChain } from "./chain.js";
import { refusalOf, messageOf, SettlerError } from "./errors.js";

/** Result of an attempt to send a batch. */
export type Sending =
  | { readonly kind: "mined"; readonly receipt: TransactionReceipt }
  /** Unknown; the chain has to be asked again. */
  | { readonly kind: "doubt"; readonly why: string }
  /** It has to be cut. */
  | { readonly kind: "size"; readonly why: string };

const ATTEMPTS = 16; // fee steps of one sending: 1.125 ^ 16 is above 6
const LOOK = 500; // milliseconds between looks at a nonce
const REPLACEMENT = { numerator: 1_125n, denominator: 1_000n }; // fee of a replacement over the replaced one; pools ask for at least 10% more

/**
 * Sends transactions. A fee belongs to a nonce and not to an attempt: the store remembers the
 * highest fee that a nonce was sent with. If a pool took that transaction and did not mine it, or
 * calls its fee too low, the next one pays more. That holds after a restart, for another process,
 * and on a chain without a base fee. An error alone raises nothing, and no fee exceeds a multiple
 * of the present suggestion of the node. So a node that is down for long costs nothing.
 */
export class Sender {
  readonly #chain: SettlementChain;
  readonly #signer: Signer;
  readonly #store: Pick<MeterStore, "sent" | "noteSent">;
  readonly #confirmWithin: number;
  readonly #maxRaise: bigint;

  constructor(
    chain: SettlementChain,
    signer: Signer,
    store: Pick<MeterStore, "sent" | "noteSent">,
    { confirmWithin, maxRaise }: { readonly confirmWithin: number; readonly maxRaise: bigint },
  ) {
    this.#chain = chain;
    this.#signer = signer;
    this.#store = store;
    this.#confirmWithin = confirmWithin;
    this.#maxRaise = maxRaise;
  }

  /** Sends a batch and waits until it is mined. @throws {SettlerError} if the sender cannot pay for gas. */
  async send(batch: readonly StatementRecord[], gasLimit: bigint): Promise<Sending> {
    const sender = await this.#signer.getAddress();
    // The next nonce that is not mined, so that a stuck transaction before this is replaced.
    const nonce = await this.#chain.retry("read the sender's nonce", () =>
      this.#signer.getNonce("latest"),
    );
    const [before] = await this.#store.sent(sender, nonce);
    let known = before?.nonce === nonce ? before : undefined;
    const statements = batch.map(({ id }) => id);
    let isTaken = known !== undefined && known.transaction !== UNKNOWN;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const fees = await this.#fees(known, isTaken);
      if (!fees)
        return {
          kind: "doubt",
          why: `nonce ${nonce} needs more than ${this.#maxRaise} times the fee that the node suggests`,
        };
      const sent: SentTransaction = {
        sender,
        nonce,
        transaction: UNKNOWN,
        ...fees.paid,
        statements,
      };
      await this.#store.noteSent(sent); // before it is sent, so that no crash makes the fee forgotten
      known = sent;
      let response: ContractTransactionResponse;
      try {
        response = await this.#chain.send(
          batch.map(({ signed }) => signed),
          { gasLimit, nonce, ...fees.overrides },
        );
      } catch (error) {
        const why = messageOf(error);
        switch (refusalOf(error)) {
          case "fee":
            isTaken = true; // another transaction is
            continue;
          case "known":
            await this.#store.noteSent({ ...sent, transaction: TAKEN });
            await this.#waitFor(nonce);
            return { kind: "doubt", why };
          case "size":
            return { kind: "size", why };
          case "funds":
            throw new SettlerError(
              `The sender ${sender} has not enough to pay for gas: send it some. (${why})`,
              { cause: error },
            );
          default:
            return { kind: "doubt", why };
        }
      }
      await this.#store.noteSent({ ...sent, transaction: response.hash });
      return this.#confirm(response);
    }
    return { kind: "doubt", why: "the pool asks for a higher fee each time" };
  }

  /** Waits until a nonce is mined, or its time is over. */
  async #waitFor(nonce: number): Promise<void> {
    const until = performance.now() + this.#confirmWithin;
    while (performance.now() < until) {
      const next = await this.#signer.getNonce("latest").catch(() => nonce);
      if (next > nonce) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK, this.#confirmWithin)));
    }
  }

  async #confirm(response: ContractTransactionResponse): Promise<Sending> {
    try {
      const receipt = await response.wait(1, this.#confirmWithin);
      return receipt ? { kind: "mined", receipt } : { kind: "doubt", why: "no receipt" };
    } catch (error) {
      // Somebody may have sent the same transaction with another fee.
      const { hash } = isError(error, "TRANSACTION_REPLACED") ? error.receipt : response;
      const receipt = await this.#chain.receipt(hash);
      return receipt ? { kind: "mined", receipt } : { kind: "doubt", why: messageOf(error) };
    }
  }

  /**
   * Fees that are at least those that this nonce was sent with, and those that the node suggests. If a pool has a
   * transaction of the nonce, they are above its fees.
   *
   * @returns undefined if that exceeds the bound.
   */
  async #fees(known: SentTransaction | undefined, isTaken: boolean) {
    const suggested = await this.#chain.retry("read the fees", async () => {
      const fees = await this.#signer.provider?.getFeeData();
      if (fees?.gasPrice == null && fees?.maxFeePerGas == null)
        throw new Error("the node suggests none");
      return fees;
    });
    const raise = (fee: bigint, last: bigint | undefined) => {
      if (last === undefined) return fee;
      const { numerator, denominator } = REPLACEMENT;
      const least = isTaken ? (last * numerator) / denominator + 1n : last;
      return least > fee ? least : fee;
    };
    /** The fee within the bound; undefined if a transaction in a pool needs more. */
    const bound = (fee: bigint, suggestion: bigint) => {
      const most = suggestion * this.#maxRaise;
      if (fee <= most) return fee;
      return isTaken ? undefined : most;
    };
    const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = suggested;
    if (maxFeePerGas == null || maxPriorityFeePerGas == null) {
      const fee = bound(raise(gasPrice ?? 0n, known?.maxFeePerGas), gasPrice ?? 0n);
      if (fee === undefined) return undefined;
      const paid = { maxFeePerGas: fee, maxPriorityFeePerGas: fee };
      return { paid, overrides: { gasPrice: fee, type: 0 } };
    }
    const priority = raise(maxPriorityFeePerGas, known?.maxPriorityFeePerGas);
    const wanted = raise(maxFeePerGas, known?.maxFeePerGas);
    const max = bound(wanted > priority ? wanted : priority, maxFeePerGas);
    if (max === undefined) return undefined;
    const paid = { maxFeePerGas: max, maxPriorityFeePerGas: priority < max ? priority : max };
    return { paid, overrides: { ...paid } };
  }
}

/** Transaction of which it is not known whether a pool took it, and one that a pool has, by its own words. */
const UNKNOWN = "unknown";
const TAKEN = "taken";
