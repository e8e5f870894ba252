/** The ECDSA signatures that the contracts accept, and no other: for statements, requests, receipts and attestations alike. */
import { dataSlice, isHexString, recoverAddress, Signature } from "ethers";

/** Bytes of an ECDSA signature. */
export const ECDSA_LENGTH = 65;

/** Half of the order of the curve, above which the contracts refuse s. */
const LARGEST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * The externally owned account that signed a hash.
 *
 * @throws if the contracts would not take the signature: it is 65 bytes, its v is 27 or 28, and its s is the lower one.
 */
export function recoverEcdsaSigner(digest: string, signature: string): string {
  if (!isHexString(signature, ECDSA_LENGTH))
    throw new Error("The signature is not 65 bytes long, which the contracts ask for.");
  const v = Number(dataSlice(signature, 64));
  if (v !== 27 && v !== 28)
    throw new Error(`The signature ends in v = ${v}, and the contracts take 27 or 28 only.`);
  const s = dataSlice(signature, 32, 64);
  if (BigInt(s) > LARGEST_S)
    throw new Error("The signature has the higher s, which the contracts refuse.");
  return recoverAddress(digest, { r: dataSlice(signature, 0, 32), s, v });
}

/**
 * A signature as the contracts take it. Another spelling of an ECDSA signature of this signer is rewritten, as some wallets
 * return it: 64 bytes, or v of 0 or 1. Any other stays as it is, since a contract wallet has rules of its own.
 */
export function spellSignature(digest: string, signer: string, given: string): string {
  try {
    const { serialized } = Signature.from(given);
    return recoverEcdsaSigner(digest, serialized) === signer ? serialized : given;
  } catch {
    return given;
  }
}
