import { requireAddress, type ContractDomain } from "../statements/eip712.js";
import type { TypedDataSigner } from "../statements/typed-message.js";
import {
  buildReceipt,
  signReceipt,
  type Receipt,
  type ResourceUse,
  type SignedReceipt,
} from "./receipts.js";
import { buildRequest, hashRequest, type ServiceRequest } from "./requests.js";

/** Answer of a node to a request. */
export interface Answer {
  readonly uses: ResourceUse[];
  /** Hash of request and response, or of another content that the two agreed on. */
  readonly content: string;
}

/** A receipt with the time of its request, which decides how long it is kept. */
export interface StoredReceipt {
  readonly issuedAt: bigint;
  readonly receipt: Receipt;
}

/** Where a node keeps its receipts by request, so that it never gives two answers to one. */
export interface ReceiptStore {
  /**
   * The receipt of a request.
   *
   * @throws if it has none here but may have had one, or lies in the future.
   */
  find(request: string, issuedAt: bigint): Promise<Receipt | undefined>;
  /** Keeps a receipt durably unless its request has one; resolves to the one that is kept. @throws as `find` does. */
  keep(entry: StoredReceipt): Promise<Receipt>;
}

/** Provider, key and store of a {@link ReceiptBook}. */
export interface ReceiptBookOptions {
  readonly provider: string;
  /** The operator key. Nothing but books over one store may sign receipts with it. */
  readonly signer: TypedDataSigner;
  readonly domain: ContractDomain;
  readonly store: ReceiptStore;
}

/**
 * The guard of an honest node. It signs one receipt for each request, once that is kept durably. A repeat of the request has
 * the same receipt, after a crash and with a later key too.
 *
 * ```ts
 * const store = await ReceiptFile.open({ file: "receipts.journal", domain, provider });
 * const book = new ReceiptBook({ provider, signer: operatorKey, domain, store });
 * const signed = (await book.find(request)) ?? (await book.issue(request, await serve(request)));
 * ```
 */
export class ReceiptBook {
  readonly #provider: string;
  readonly #options: ReceiptBookOptions;

  constructor(options: ReceiptBookOptions) {
    this.#provider = requireAddress(options.provider, "the provider");
    this.#options = options;
  }

  /** The receipt that a request has. Looked for before serving, it saves a repeat from being served twice. */
  async find(request: ServiceRequest): Promise<SignedReceipt | undefined> {
    const { hash, issuedAt } = this.#read(request);
    const receipt = await this.#options.store.find(hash, issuedAt);
    return receipt && this.#sign(receipt);
  }

  /** Signs the answer to a request, or hands out the receipt of an earlier answer. */
  async issue(request: ServiceRequest, answer: Answer): Promise<SignedReceipt> {
    const { hash, account, issuedAt } = this.#read(request);
    const receipt = buildReceipt({ ...answer, provider: this.#provider, account, request: hash });
    return this.#sign(await this.#options.store.keep({ issuedAt, receipt }));
  }

  #read(draft: ServiceRequest) {
    const request = buildRequest(draft);
    if (request.provider !== this.#provider)
      throw new Error(
        `A request to ${request.provider} does not belong to the book of ${this.#provider}.`,
      );
    return { ...request, hash: hashRequest(this.#options.domain, request) };
  }

  #sign(receipt: Receipt): Promise<SignedReceipt> {
    return signReceipt(this.#options.signer, this.#options.domain, receipt);
  }
}
