import {
  compare,
  domainMaker,
  requireAddress,
  requireHash,
  requireUint,
  type ContractDomain,
} from "./eip712.js";
import { typedMessage, type TypedDataSigner } from "./typed-message.js";

/** A contribution, as the verifiers of its kind sign it. */
export interface Attestation {
  readonly kind: bigint;
  /** Set of verifiers that signs, from the contract's `kindOf`; another set voids the attestation. */
  readonly set: bigint;
  /** Contributor. */
  readonly account: string;
  readonly units: bigint;
  /** Hash of the evidence, counted once per kind. */
  readonly evidence: string;
  /** First second at which it can be recorded. */
  readonly notBefore: bigint;
  /** Last second at which it can be recorded. */
  readonly deadline: bigint;
}

/** An attestation and the signature of one verifier. */
export interface SignedAttestation {
  readonly attestation: Attestation;
  readonly signer: string;
  readonly signature: string;
}

/** An attestation with all its signatures, as the contract's `attest` takes them. */
export interface CompleteAttestation {
  readonly attestation: Attestation;
  readonly signers: string[];
  readonly signatures: string[];
}

/** Name of the EIP-712 domain of attestations. */
export const ATTESTATION_DOMAIN_NAME = "OPA Attestations";

/** Version of the EIP-712 domain of attestations. */
export const ATTESTATION_DOMAIN_VERSION = "1";

/** EIP-712 types of an attestation. */
export const ATTESTATION_TYPES = {
  Attestation: [
    { name: "kind", type: "uint32" },
    { name: "set", type: "uint32" },
    { name: "account", type: "address" },
    { name: "units", type: "uint64" },
    { name: "evidence", type: "bytes32" },
    { name: "notBefore", type: "uint48" },
    { name: "deadline", type: "uint48" },
  ],
} as const;

const MESSAGE = typedMessage<Attestation>("Attestation", ATTESTATION_TYPES);

const DOMAINS = domainMaker(ATTESTATION_DOMAIN_NAME, ATTESTATION_DOMAIN_VERSION, "attestations");

/** The domain for an attestations contract on a chain. */
export const createAttestationDomain = DOMAINS.create;

/** The domain that attestations for this contract are signed in. */
export const attestationDomainOf = DOMAINS.of;

/**
 * An attestation that the contract can read: every value inside its type, nothing that it is sure to refuse.
 *
 * @throws if a value is out of range or no address or hash, the units are zero, or the deadline precedes `notBefore`.
 */
export function buildAttestation(draft: Attestation): Attestation {
  requireUint(draft.kind, 32, "the kind");
  requireUint(draft.set, 32, "the set of verifiers");
  requireUint(draft.units, 64, "the units");
  requireUint(draft.notBefore, 48, "the first second");
  requireUint(draft.deadline, 48, "the deadline");
  if (draft.units === 0n) throw new Error("An attestation needs at least one unit.");
  if (draft.deadline < draft.notBefore)
    throw new Error(
      `An attestation cannot end at ${draft.deadline} before it begins at ${draft.notBefore}.`,
    );
  return {
    kind: draft.kind,
    set: draft.set,
    account: requireAddress(draft.account, "the account"),
    units: draft.units,
    evidence: requireHash(draft.evidence, "the evidence"),
    notBefore: draft.notBefore,
    deadline: draft.deadline,
  };
}

/** EIP-712 hash that verifiers sign. */
export const hashAttestation = MESSAGE.hash;

/** EIP-712 hash of the attestation alone, without the domain. */
export const hashAttestationStruct = MESSAGE.hashStruct;

/** Signs an attestation as one of the verifiers of its kind. */
export async function signAttestation(
  signer: TypedDataSigner,
  domain: ContractDomain,
  attestation: Attestation,
): Promise<SignedAttestation> {
  return { attestation, ...(await MESSAGE.sign(signer, domain, attestation)) };
}

/** Whether an externally owned signer signed; whether it is a verifier of the kind, only the chain says. */
export function isAttestationSigned(
  domain: ContractDomain,
  { attestation, signer, signature }: SignedAttestation,
): boolean {
  return MESSAGE.isSigned(domain, attestation, signer, signature);
}

/**
 * Puts the signatures of several verifiers together: exactly as many as the threshold asks for, in ascending order of
 * signers. A signer that is given twice counts once, with the signature that is ECDSA if one is. Verifiers whose signature is
 * ECDSA are chosen before contract wallets, whose signatures only the chain can check.
 *
 * @throws if they are not for the same attestation, the account signed for itself, or signers are missing.
 */
export function collectSignatures(
  domain: ContractDomain,
  parts: readonly SignedAttestation[],
  threshold: number,
): CompleteAttestation {
  const [first] = parts;
  if (!first || threshold < 1) throw new Error("An attestation needs at least one signature.");

  const attestation = buildAttestation(first.attestation);
  const hash = hashAttestationStruct(attestation);
  const signatures = new Map<string, { signature: string; isEcdsa: boolean }>();
  for (const part of parts) {
    const signer = requireAddress(part.signer, "a signer");
    if (hashAttestationStruct(buildAttestation(part.attestation)) !== hash)
      throw new Error(`${signer} signed another attestation.`);
    if (signer === attestation.account)
      throw new Error(`${signer} cannot sign for its own contribution.`);
    const isEcdsa = isAttestationSigned(domain, part);
    if (isEcdsa || !signatures.get(signer)?.isEcdsa)
      signatures.set(signer, { signature: part.signature, isEcdsa });
  }
  if (signatures.size < threshold)
    throw new Error(`${threshold} signers are needed, and there are ${signatures.size}.`);

  const byAddress = ([left]: [string, unknown], [right]: [string, unknown]) =>
    compare(BigInt(left), BigInt(right));
  const chosen = [...signatures]
    .sort(byAddress)
    .sort(([, left], [, right]) => Number(right.isEcdsa) - Number(left.isEcdsa))
    .slice(0, threshold)
    .sort(byAddress);
  return {
    attestation,
    signers: chosen.map(([signer]) => signer),
    signatures: chosen.map(([, { signature }]) => signature),
  };
}
