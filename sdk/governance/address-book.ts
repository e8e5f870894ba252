import { Contract, decodeBytes32String, getAddress } from "ethers";

import type { ISystemDirectory } from "../../typechain-types/contracts/interfaces/ISystemDirectory.js";

/** Names of addresses and roles in proposals. */
export interface AddressBook {
  /** Name of a contract of the system, as the directory has it; undefined for a stranger. */
  nameOf(address: string): string | undefined;
  /** Whether a contract is a version that was replaced. */
  isFormer(address: string): boolean;
  /** A role of the AccessManager with its number. */
  roleOf(id: bigint): string;
}

/** Content of an {@link AddressBook}. */
export interface AddressBookEntries {
  /** Names by address. */
  readonly names: Readonly<Record<string, string>>;
  /** Addresses of versions that were replaced. */
  readonly former?: readonly string[];
  /** Labels of roles by number. */
  readonly roles?: Readonly<Record<string, string>>;
}

/** A book of given names. */
export function createAddressBook({
  names,
  former = [],
  roles = {},
}: AddressBookEntries): AddressBook {
  const byAddress = new Map(
    Object.entries(names).map(([address, name]) => [getAddress(address), name]),
  );
  const replaced = new Set(former.map((address) => getAddress(address)));
  return {
    nameOf: (address) => byAddress.get(getAddress(address)),
    isFormer: (address) => replaced.has(getAddress(address)),
    roleOf: (id) => {
      const label = id === 0n ? "ADMIN" : roles[id.toString()];
      return label === undefined ? `${id}` : `${label} (${id})`;
    },
  };
}

/**
 * Reads the names of all modules, past versions included, from the directory, and those of roles from the AccessManager.
 *
 * @param fromBlock Block of the deployment, from which on labels of roles are read.
 */
export async function readAddressBook(
  directory: ISystemDirectory,
  fromBlock = 0,
): Promise<AddressBook> {
  const authority = new Contract(
    await directory.getAddress(),
    ["function authority() view returns (address)"],
    directory.runner,
  );
  const manager = (await authority.getFunction("authority")()) as string;
  const names: Record<string, string> = {
    [manager]: "access-manager",
    [await directory.getAddress()]: "system-directory",
  };
  const former: string[] = [];
  const modules = await Promise.all(
    (await directory.ids()).map(async (id) => {
      const [current, versions] = await Promise.all([
        directory.currentOf(id),
        directory.versionsOf(id),
      ]);
      return { name: decodeBytes32String(id), current, versions };
    }),
  );
  for (const { name, current, versions } of modules)
    for (const module of versions) {
      names[module] = name;
      if (module !== current) former.push(module);
    }

  const accessManager = new Contract(
    manager,
    ["event RoleLabel(uint64 indexed roleId, string label)"],
    directory.runner,
  );
  const roles: Record<string, string> = {};
  for (const event of await accessManager.queryFilter("RoleLabel", fromBlock))
    if ("args" in event) roles[String(event.args["roleId"])] = String(event.args["label"]);
  return createAddressBook({ names, former, roles });
}
