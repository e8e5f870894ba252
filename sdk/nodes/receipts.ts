import {
  compare,
  domainMaker,
  requireAddress,
  requireHash,
  requireUint,
  type ContractDomain,
} from "../statements/eip712.js";
import { typedMessage, type TypedDataSigner } from "../statements/typed-message.js";

/** Units of one resource that a call used. */
export interface ResourceUse {
  readonly resource: bigint;
  readonly units: bigint;
}

/** A served call, as its node signs it. */
export interface Receipt {
  readonly provider: string;
  readonly account: string;
  /** Hash of the request that the consumer signed; a key answers each request once. */
  readonly request: string;
  /** Units of each resource used, ascending by resource. */
  readonly uses: ResourceUse[];
  /** Hash of request and response, or of another content that the two agreed on. */
  readonly content: string;
}

/** A receipt and its proof, as slashing takes it. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  /** Operator key that signed. */
  readonly signer: string;
  readonly signature: string;
}

/** Two receipts of one key for one request that say different things. */
export type Equivocation = readonly [first: SignedReceipt, second: SignedReceipt];

/** Largest number of resources in a receipt. A consumer refuses a longer one, whose proof would cost too much gas. */
export const MAX_USES = 16;

/** Name of the EIP-712 domain of receipts and requests. */
export const RECEIPT_DOMAIN_NAME = "OPA NodeSlashing";

/** Version of the EIP-712 domain of receipts and requests. */
export const RECEIPT_DOMAIN_VERSION = "1";

/** EIP-712 types of a receipt. */
export const RECEIPT_TYPES = {
  Receipt: [
    { name: "provider", type: "address" },
    { name: "account", type: "address" },
    { name: "request", type: "bytes32" },
    { name: "uses", type: "Use[]" },
    { name: "content", type: "bytes32" },
  ],
  Use: [
    { name: "resource", type: "uint32" },
    { name: "units", type: "uint128" },
  ],
} as const;

const MESSAGE = typedMessage<Receipt>("Receipt", RECEIPT_TYPES);

const DOMAINS = domainMaker(RECEIPT_DOMAIN_NAME, RECEIPT_DOMAIN_VERSION, "slashing");

/** The domain for a slashing contract on a chain. */
export const createReceiptDomain = DOMAINS.create;

/** The domain that receipts for this slashing contract are signed in. */
export const receiptDomainOf = DOMAINS.of;

/**
 * A receipt that the contract can read: every value inside its type, resources in order.
 *
 * @throws if a value is out of range or no address or hash, or a resource is named twice, or there are more than
 * {@link MAX_USES} or none.
 */
export function buildReceipt(draft: Receipt): Receipt {
  if (draft.uses.length === 0 || draft.uses.length > MAX_USES)
    throw new Error(
      `A receipt has 1 to ${MAX_USES} resources, and this one has ${draft.uses.length}.`,
    );
  const uses = draft.uses
    .map(({ resource, units }) => {
      requireUint(resource, 32, "the resource");
      requireUint(units, 128, "the units");
      return { resource, units };
    })
    .sort((left, right) => compare(left.resource, right.resource));
  const twice = uses.find(({ resource }, i) => uses[i - 1]?.resource === resource);
  if (twice) throw new Error(`The receipt names resource ${twice.resource} twice.`);
  return {
    provider: requireAddress(draft.provider, "the provider"),
    account: requireAddress(draft.account, "the account"),
    request: requireHash(draft.request, "the request"),
    uses,
    content: requireHash(draft.content, "the content"),
  };
}

/** EIP-712 hash that the operator key of a provider signs. */
export const hashReceipt = MESSAGE.hash;

/** EIP-712 hash of the receipt alone, without the domain. */
export const hashReceiptStruct = MESSAGE.hashStruct;

/** Signs a receipt without a look at earlier ones; a node signs through its receipt book. */
export async function signReceipt(
  signer: TypedDataSigner,
  domain: ContractDomain,
  receipt: Receipt,
): Promise<SignedReceipt> {
  return { receipt, ...(await MESSAGE.sign(signer, domain, receipt)) };
}

/** Whether the contract takes the signature as that of its signer; whether that is the provider's operator, only the chain says. */
export function isReceiptSigned(
  domain: ContractDomain,
  { receipt, signer, signature }: SignedReceipt,
): boolean {
  return MESSAGE.isSigned(domain, receipt, signer, signature);
}

/**
 * Receipts that contradict each other, one pair for each signer, account and request, because one offence is slashed once.
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
    const { provider, account, request } = signed.receipt;
    const key = requireAddress(signed.signer, "the signer");
    const offence = `${key} ${provider} ${account} ${request}`;
    if (found.has(offence) || !counts(signed)) continue;

    const hash = hashReceiptStruct(signed.receipt);
    const earlier = seen.get(offence);
    if (!earlier) seen.set(offence, { first: signed, hash });
    else if (earlier.hash !== hash) found.set(offence, [earlier.first, signed]);
  }
  return [...found.values()];
}
