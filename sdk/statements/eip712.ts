import { getAddress, isHexString, type Addressable, type ContractRunner } from "ethers";

/** The domain of one contract on one chain, with every field set. */
export interface ContractDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: string;
}

/** A domain whose contract has the type that viem asks for. */
export type HexDomain = ContractDomain & { readonly verifyingContract: `0x${string}` };

/** A contract that knows the chain it is on, if it is connected to one. */
export type ConnectedContract = Addressable & { readonly runner: ContractRunner | null };

/** Chain and address of a contract. @throws if it is not connected to a chain. */
async function locate(
  contract: ConnectedContract,
  what: string,
): Promise<{ chainId: bigint; address: string }> {
  const provider = contract.runner?.provider;
  if (!provider)
    throw new Error(`The ${what} contract is not connected to a chain, so its id is unknown.`);

  const { chainId } = await provider.getNetwork();
  return { chainId, address: await contract.getAddress() };
}

/** Makes the domains of one kind of contract. */
export interface DomainMaker {
  /** The domain for a contract on a chain. @throws if the address is none. */
  readonly create: (chainId: bigint, verifyingContract: string) => HexDomain;
  /** The domain of a connected contract. @throws if it is not connected to a chain. */
  readonly of: (contract: ConnectedContract) => Promise<HexDomain>;
}

/** Domains with this name and version, of contracts that errors call by `what`. */
export function domainMaker(name: string, version: string, what: string): DomainMaker {
  const create = (chainId: bigint, address: string): HexDomain => {
    const verifyingContract = requireAddress(address, `the ${what} contract`);
    return { name, version, chainId, verifyingContract };
  };
  return {
    create,
    of: async (contract) => {
      const { chainId, address } = await locate(contract, what);
      return create(chainId, address);
    },
  };
}

/** The address in its checked spelling. @throws if it is none. */
export function requireAddress(value: string, what: string): `0x${string}` {
  try {
    return getAddress(value) as `0x${string}`;
  } catch {
    throw new Error(`"${value}" is not an address, so it cannot be ${what}.`);
  }
}

/** @throws if the value does not fit an unsigned integer of so many bits. */
export function requireUint(value: bigint, bits: number, what: string): void {
  if (value < 0n || value >= 1n << BigInt(bits))
    throw new Error(`${value} does not fit ${bits} bits, so it cannot be ${what}.`);
}

/** The hash in lower case. @throws if it is no 32 bytes. */
export function requireHash(value: string, what: string): string {
  if (!isHexString(value, 32))
    throw new Error(`"${value}" is not a hash of 32 bytes, so it cannot be ${what}.`);
  return value.toLowerCase();
}

/** Order of two numbers. */
export function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
