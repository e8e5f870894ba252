import {
  requireAddress,
  requireHash,
  requireUint,
  type ContractDomain,
} from "../statements/eip712.js";
import { typedMessage, type TypedDataSigner } from "../statements/typed-message.js";

/** Request of a consumer to a provider. Its hash is the number of the receipt, so the consumer fixes that. */
export interface ServiceRequest {
  readonly account: string;
  readonly provider: string;
  /** Hash of the content, for instance of the body of an HTTP request. */
  readonly content: string;
  /** Chosen by the consumer, so that it can ask the same twice and get two answers. */
  readonly nonce: bigint;
  /** When it was signed, in seconds since the Unix epoch. A node answers it for a day. */
  readonly issuedAt: bigint;
}

/** A request and its proof. */
export interface SignedRequest {
  readonly request: ServiceRequest;
  /** The account itself, or a key of it. */
  readonly signer: string;
  readonly signature: string;
}

/** EIP-712 types of a request, signed in the domain of receipts. */
export const REQUEST_TYPES = {
  Request: [
    { name: "account", type: "address" },
    { name: "provider", type: "address" },
    { name: "content", type: "bytes32" },
    { name: "nonce", type: "uint256" },
    { name: "issuedAt", type: "uint48" },
  ],
} as const;

const MESSAGE = typedMessage<ServiceRequest>("Request", REQUEST_TYPES);

/**
 * A request with every value inside its type.
 *
 * @throws if a value is out of range or no address or hash.
 */
export function buildRequest(draft: ServiceRequest): ServiceRequest {
  requireUint(draft.nonce, 256, "the nonce");
  requireUint(draft.issuedAt, 48, "the time of the request");
  return {
    account: requireAddress(draft.account, "the account"),
    provider: requireAddress(draft.provider, "the provider"),
    content: requireHash(draft.content, "the content"),
    nonce: draft.nonce,
    issuedAt: draft.issuedAt,
  };
}

/** EIP-712 hash that the consumer signs, and that the receipt names. */
export function hashRequest(domain: ContractDomain, request: ServiceRequest): string {
  return MESSAGE.hash(domain, request);
}

/** Signs a request for its account, or for the account that made this signer one of its keys. */
export async function signRequest(
  signer: TypedDataSigner,
  domain: ContractDomain,
  request: ServiceRequest,
): Promise<SignedRequest> {
  return { request, ...(await MESSAGE.sign(signer, domain, request)) };
}

/** Whether an externally owned signer signed; whether it may sign for the account, only the chain says. */
export function isRequestSigned(
  domain: ContractDomain,
  { request, signer, signature }: SignedRequest,
): boolean {
  return MESSAGE.isSigned(domain, request, signer, signature);
}
