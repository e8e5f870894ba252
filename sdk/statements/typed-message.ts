import { TypedDataEncoder, type TypedDataDomain, type TypedDataField } from "ethers";

import { requireAddress, type ContractDomain } from "./eip712.js";
import { recoverEcdsaSigner, spellSignature } from "./signature.js";

/** Bytes in hexadecimal, as viem's types have them. */
export type Hex = `0x${string}`;

/** A signer of ethers: a wallet, or an account of a node or a browser. */
export interface EthersSigner {
  getAddress(): Promise<string>;
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** EIP-712 message as viem's accounts take it. */
export interface TypedDataParameters {
  readonly domain: {
    readonly name: string;
    readonly version: string;
    readonly chainId: bigint;
    readonly verifyingContract: Hex;
  };
  readonly types: Readonly<Record<string, readonly { name: string; type: string }[]>>;
  readonly primaryType: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/**
 * An account of viem, as `privateKeyToAccount` gives it. For the account of a browser's wallet, wrap a client of viem:
 *
 * ```ts
 * const { address } = client.account;
 * const signer = { address, signTypedData: (message: TypedDataParameters) => client.signTypedData(message) };
 * ```
 */
export interface ViemSigner {
  readonly address: string;
  signTypedData(message: TypedDataParameters): Promise<string>;
}

/** Anything that signs EIP-712 messages: a signer of ethers or an account of viem. */
export type TypedDataSigner = EthersSigner | ViemSigner;

/** Fields of EIP-712 structs by name. */
export type TypedFields = Readonly<Record<string, readonly Readonly<TypedDataField>[]>>;

/** Hashing, signing and checking of one kind of EIP-712 message. */
export interface TypedMessage<Message extends object> {
  /** Hash that is signed. */
  readonly hash: (domain: ContractDomain, message: Message) => string;
  /** Hash of the message alone, without the domain. */
  readonly hashStruct: (message: Message) => string;
  /** Signature as the contracts take it, and the address of its signer. */
  sign(
    signer: TypedDataSigner,
    domain: ContractDomain,
    message: Message,
  ): Promise<{ signer: string; signature: string }>;
  /** Externally owned account whose signature this is. @throws if the contracts would not take it. */
  recover(domain: ContractDomain, message: Message, signature: string): string;
  /** Whether an externally owned account signed, and the contracts take its signature. */
  isSigned(domain: ContractDomain, message: Message, signer: string, signature: string): boolean;
}

/** Messages of a primary type; `types` are its struct and those inside it. */
export function typedMessage<Message extends object>(
  primaryType: string,
  types: TypedFields,
): TypedMessage<Message> {
  const fields: Record<string, TypedDataField[]> = Object.fromEntries(
    Object.entries(types).map(([name, list]) => [name, [...list]]),
  );
  const encoder = TypedDataEncoder.from(fields);
  const valueOf = (message: Message) => message as Record<string, unknown>;
  const hash = (domain: ContractDomain, message: Message) =>
    TypedDataEncoder.hash(domain, fields, valueOf(message));
  const recover = (domain: ContractDomain, message: Message, signature: string) =>
    recoverEcdsaSigner(hash(domain, message), signature);
  return {
    hash,
    hashStruct: (message) => encoder.hash(message),
    sign: async (signer, domain, message) => {
      if (isOfEthers(signer)) {
        const given = await signer.signTypedData(domain, fields, valueOf(message));
        const owner = requireAddress(await signer.getAddress(), "the signer");
        return { signature: spellSignature(hash(domain, message), owner, given), signer: owner };
      }
      const address = requireAddress(signer.address, "the signer");
      const verifyingContract = requireAddress(domain.verifyingContract, "the contract");
      const { name, version, chainId } = domain;
      const given = await signer.signTypedData({
        domain: { name, version, chainId, verifyingContract },
        ...{ types, primaryType, message: valueOf(message) },
      });
      return { signature: spellSignature(hash(domain, message), address, given), signer: address };
    },
    recover,
    isSigned: (domain, message, signer, signature) => {
      try {
        return recover(domain, message, signature) === requireAddress(signer, "the signer");
      } catch {
        return false; // not a signature at all
      }
    },
  };
}

function isOfEthers(signer: TypedDataSigner): signer is EthersSigner {
  return "getAddress" in signer && typeof signer.getAddress === "function";
}
