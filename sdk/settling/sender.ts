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

const ATTEMPTS = 12; // fee steps of one sending: 1.125 ^ 12 is above 4
const REPLACEMENT = { numerator: 1_125n, denominator: 1_000n }; // fee of a replacement over the replaced one; pools ask for at least 10% more

/**
 * Sends transactions. A fee belongs to a nonce and not to an attempt: the store remembers the highest fee that a nonce was
 * sent with. Every later transaction of it pays more, also after a restart, by another process, or on a chain without a
 * base fee.
 */
export class Sender {
  readonly #chain: SettlementChain;
  readonly #signer: Signer;
  readonly #store: Pick<MeterStore, "sent" | "noteSent">;
  readonly #confirmWithin: number;

  constructor(
    chain: SettlementChain,
    signer: Signer,
    store: Pick<MeterStore, "sent" | "noteSent">,
    confirmWithin: number,
  ) {
    this.#chain = chain;
    this.#signer = signer;
    this.#store = store;
    this.#confirmWithin = confirmWithin;
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
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const fees = await this.#fees(known);
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
            continue;
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

  /** Fees above those that this nonce was sent with, and at least those that the node suggests. */
  async #fees(known: SentTransaction | undefined) {
    const suggested = await this.#chain.retry("read the fees", async () => {
      const fees = await this.#signer.provider?.getFeeData();
      if (fees?.gasPrice == null && fees?.maxFeePerGas == null)
        throw new Error("the node suggests none");
      return fees;
    });
    const raise = (fee: bigint, last: bigint | undefined) => {
      if (last === undefined) return fee;
      const raised = (last * REPLACEMENT.numerator) / REPLACEMENT.denominator + 1n;
      return raised > fee ? raised : fee;
    };
    const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = suggested;
    if (maxFeePerGas == null || maxPriorityFeePerGas == null) {
      const fee = raise(gasPrice ?? 0n, known?.maxFeePerGas);
      const paid = { maxFeePerGas: fee, maxPriorityFeePerGas: fee };
      return { paid, overrides: { gasPrice: fee, type: 0 } };
    }
    const priority = raise(maxPriorityFeePerGas, known?.maxPriorityFeePerGas);
    const max = raise(maxFeePerGas, known?.maxFeePerGas);
    const paid = { maxFeePerGas: max > priority ? max : priority, maxPriorityFeePerGas: priority };
    return { paid, overrides: { ...paid } };
  }
}

const UNKNOWN = "unknown";
