import {
  locate,
  requireAddress,
  requireHash,
  requireUint,
  type ConnectedContract,
  type ContractDomain,
  type HexDomain,
} from "../statements/eip712.js";
import { typedMessage, type TypedDataSigner } from "../statements/typed-message.js";

/** What a node signs for a call that it served. */
export interface Receipt {
  readonly provider: string;
  readonly account: string;
  /** Number of the receipt for this account; a node uses each number once. */
  readonly sequence: bigint;
  readonly resource: bigint;
  readonly units: bigint;
  /** Hash of request and response, or of whatever the two agreed on. */
  readonly content: string;
}

/** A receipt and its proof, as slashing takes it. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  /** Operator key that signed. */
  readonly signer: string;
  readonly signature: string;
}

/** What was served, before it has a number. */
export type Service = Omit<Receipt, "provider" | "sequence">;

/** Two receipts of one provider, account and sequence that say different things. */
export type Equivocation = readonly [first: SignedReceipt, second: SignedReceipt];

/** Name of the EIP-712 domain of receipts. */
export const RECEIPT_DOMAIN_NAME = "OPA NodeSlashing";

/** Version of the EIP-712 domain of receipts. */
export const RECEIPT_DOMAIN_VERSION = "1";

/** EIP-712 types of a receipt. */
export const RECEIPT_TYPES = {
  Receipt: [
    { name: "provider", type: "address" },
    { name: "account", type: "address" },
    { name: "sequence", type: "uint64" },
    { name: "resource", type: "uint32" },
    { name: "units", type: "uint128" },
    { name: "content", type: "bytes32" },
  ],
} as const;

const MESSAGE = typedMessage<Receipt>("Receipt", RECEIPT_TYPES);

/** The domain for a slashing contract on a chain. */
export function createReceiptDomain(chainId: bigint, verifyingContract: string): HexDomain {
  return {
    name: RECEIPT_DOMAIN_NAME,
    version: RECEIPT_DOMAIN_VERSION,
    chainId,
    verifyingContract: requireAddress(verifyingContract, "the slashing contract"),
  };
}

/** The domain that receipts for this slashing contract are signed in. */
export async function receiptDomainOf(slashing: ConnectedContract): Promise<HexDomain> {
  const { chainId, address } = await locate(slashing, "slashing");
  return createReceiptDomain(chainId, address);
}

/**
 * A receipt that the contract can read: every value inside its type.
 *
 * @throws if a value is out of range or no address or hash.
 */
export function buildReceipt(draft: Receipt): Receipt {
  requireUint(draft.sequence, 64, "the sequence");
  requireUint(draft.resource, 32, "the resource");
  requireUint(draft.units, 128, "the units");
  return {
    provider: requireAddress(draft.provider, "the provider"),
    account: requireAddress(draft.account, "the account"),
    sequence: draft.sequence,
    resource: draft.resource,
    units: draft.units,
    content: requireHash(draft.content, "the content"),
  };
}

/** EIP-712 hash that the operator key of a provider signs. */
export function hashReceipt(domain: ContractDomain, receipt: Receipt): string {
  return MESSAGE.hash(domain, receipt);
}

/** EIP-712 hash of the receipt alone, without the domain. */
export function hashReceiptStruct(receipt: Receipt): string {
  return MESSAGE.hashStruct(receipt);
}

/** Signs a receipt, whatever was signed before; a node signs through its {@link ReceiptBook}. */
export async function signReceipt(
  signer: TypedDataSigner,
  domain: ContractDomain,
  receipt: Receipt,
): Promise<SignedReceipt> {
  return { receipt, ...(await MESSAGE.sign(signer, domain, receipt)) };
}

/** Whether an externally owned signer signed; whether it is the provider's operator, only the chain says. */
export function isReceiptSigned(
  domain: ContractDomain,
  { receipt, signer, signature }: SignedReceipt,
): boolean {
  return MESSAGE.isSigned(domain, receipt, signer, signature);
}

/**
 * Receipts that contradict each other, one pair for each provider, account and sequence, because one offence is slashed
 * once.
 *
 * @param counts Whether a receipt is proof at all; without it every receipt is taken as signed. One that is not would
 * otherwise stand in for one that is.
 */
export function findEquivocation(
  receipts: Iterable<SignedReceipt>,
  counts: (signed: SignedReceipt) => boolean = () => true,
): Equivocation[] {
  const seen = new Map<string, { first: SignedReceipt; hash: string }>();
  const found = new Map<string, Equivocation>();
  for (const given of receipts) {
    const signed = { ...given, receipt: buildReceipt(given.receipt) };
    const { provider, account, sequence } = signed.receipt;
    const offence = `${provider} ${account} ${sequence}`;
    if (found.has(offence) || !counts(signed)) continue;

    const hash = hashReceiptStruct(signed.receipt);
    const earlier = seen.get(offence);
    if (!earlier) seen.set(offence, { first: signed, hash });
    else if (earlier.hash !== hash) found.set(offence, [earlier.first, signed]);
  }
  return [...found.values()];
}

/** How a node keeps its {@link ReceiptBook}. */
export interface ReceiptBookOptions {
  readonly provider: string;
  /** The operator key. Nothing but this book may sign receipts with it. */
  readonly signer: TypedDataSigner;
  readonly domain: ContractDomain;
  /** Every receipt that {@link ReceiptBookOptions.keep} was ever given. */
  readonly past?: Iterable<Receipt>;
  /** Keeps a receipt where it survives a crash; nothing is signed before this is done. */
  readonly keep: (receipt: Receipt) => void | Promise<void>;
}

/**
 * The honest node's guard: numbers receipts for each account and never signs two contents for one number. A number that
 * could not be kept or signed is left out; nothing asks for numbers without gaps.
 */
export class ReceiptBook {
  readonly #provider: string;
  readonly #options: ReceiptBookOptions;
  readonly #hashes = new Map<string, Map<bigint, string>>();
  readonly #next = new Map<string, bigint>();

  /** @throws if the past already holds two contents for one number. */
  constructor(options: ReceiptBookOptions) {
    this.#provider = requireAddress(options.provider, "the provider");
    this.#options = options;
    for (const receipt of options.past ?? []) this.#enter(this.#read(receipt));
  }

  /** Number of the next receipt for an account; the first is 0. */
  nextSequence(account: string): bigint {
    return this.#next.get(requireAddress(account, "the account")) ?? 0n;
  }

  /** Numbers and signs what was served. */
  async issue(service: Service): Promise<SignedReceipt> {
    const sequence = this.nextSequence(service.account);
    const receipt = this.#read({ ...service, provider: this.#provider, sequence });
    this.#enter(receipt); // before anything is awaited, so that no other call gets the number

    await this.#options.keep(receipt);
    return signReceipt(this.#options.signer, this.#options.domain, receipt);
  }

  /**
   * Signs again what was issued, for somebody who lost it.
   *
   * @throws if it was not issued exactly so.
   */
  async reissue(receipt: Receipt): Promise<SignedReceipt> {
    const built = this.#read(receipt);
    const { account, sequence } = built;
    if (this.#hashes.get(account)?.get(sequence) !== hashReceiptStruct(built))
      throw new Error(`Receipt ${sequence} for ${account} was not issued with this content.`);

    return signReceipt(this.#options.signer, this.#options.domain, built);
  }

  #read(draft: Receipt): Receipt {
    const receipt = buildReceipt(draft);
    if (receipt.provider !== this.#provider)
      throw new Error(
        `A receipt of ${receipt.provider} does not belong to the book of ${this.#provider}.`,
      );
    return receipt;
  }

  #enter(receipt: Receipt): void {
    const { account, sequence } = receipt;
    const hashes = this.#hashes.get(account) ?? new Map<bigint, string>();
    const hash = hashReceiptStruct(receipt);
    if ((hashes.get(sequence) ?? hash) !== hash)
      throw new Error(`Receipt ${sequence} for ${account} has two contents.`);

    this.#hashes.set(account, hashes.set(sequence, hash));
    if (sequence >= this.nextSequence(account)) this.#next.set(account, sequence + 1n);
  }
}
