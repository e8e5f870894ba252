/**
 * ERC-165 ids under which the directory lists the modules: the functions that a module's own
 * interface declares, without inherited ones.
 */
import { Interface, type InterfaceAbi } from "ethers";

import { readAbi } from "./abis.js";
import { interfaceOf } from "./artifacts.js";

/** Modules that the directory lists from the start, with the interface that each answers for. */
export const MODULES = {
  token: { id: "token", standard: "0xb0202a11" }, // ERC-1363
  vault: { id: "release-vault", own: "IReleaseVault" },
  registry: { id: "resource-registry", own: "IResourceRegistry", inherited: ["IEpochClock"] },
  pricePolicy: { id: "price-policy", own: "IPricePolicy" },
  accessPolicy: { id: "access-policy", own: "IAccessPolicy" },
  meter: { id: "meter", own: "IMeterBilling" },
  nodes: {
    id: "node-registry",
    own: "INodeRegistry",
    inherited: ["INodeStaking"],
  },
  slashing: { id: "node-slashing", own: "INodeSlashing" },
  incentiveVault: {
    id: "incentive-vault",
    own: "IIncentiveVault",
    inherited: ["IBoundedParameter", "IEpochClock", "IReserveClient"],
  },
  pool: {
    id: "incentive-pool",
    own: "IIncentivePool",
    inherited: ["IContributionScore", "IEpochClock", "IProvisionBook", "IDistributor"],
  },
  attestations: { id: "attestations", own: "IAttestations" },
  settlement: { id: "settlement", own: "ISettlement" },
  lock: { id: "governance-lock", own: "IGovernanceLock", inherited: ["ILockPower"] },
  governor: { id: "governor", own: "IOPAGovernor" },
  timelock: { id: "timelock", standard: "0x7965db0b" }, // OpenZeppelin's IAccessControl
  reserve: { id: "system-reserve", own: "ISystemReserve" },
  lens: { id: "system-lens", own: "ISystemLens" },
} as const satisfies Record<string, ListedModule>;

export type ModuleKey = keyof typeof MODULES;

/** A module of the directory; its interface is a standard one or one of ours. */
interface ListedModule {
  id: string;
  standard?: string;
  own?: string;
  inherited?: readonly string[];
}

/** Functions of standards that our interfaces inherit from OpenZeppelin's. */
const STANDARDS = new Interface([
  "function supportsInterface(bytes4)",
  "function onTransferReceived(address,address,uint256,bytes)",
  "function clock()",
  "function CLOCK_MODE()",
  "function getVotes(address)",
  "function getPastVotes(address,uint256)",
  "function getPastTotalSupply(uint256)",
  "function delegates(address)",
  "function delegate(address)",
  "function delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)",
]);

/** The ERC-165 id of every listed module's interface. */
export async function readInterfaceIds(): Promise<Record<ModuleKey, string>> {
  const entries = Object.entries(MODULES).map(async ([key, module]: [string, ListedModule]) => {
    if (module.own === undefined) return [key, module.standard] as const;
    const inherited = await Promise.all((module.inherited ?? []).map(readAbi));
    return [key, interfaceId(await readAbi(module.own), inherited)] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<ModuleKey, string>;
}

/** Exclusive or of the selectors of functions that an interface declares itself. */
export function interfaceId(own: InterfaceAbi, inherited: readonly InterfaceAbi[]): string {
  const known = new Set([...selectors(STANDARDS.fragments), ...inherited.flatMap(selectors)]);
  const declared = selectors(own).filter((selector) => !known.has(selector));
  const id = declared.reduce((sum, selector) => sum ^ BigInt(selector), 0n);
  return `0x${id.toString(16).padStart(8, "0")}`;
}

function selectors(abi: InterfaceAbi): string[] {
  const list: string[] = [];
  interfaceOf(abi).forEachFunction(({ selector }) => list.push(selector));
  return list;
}
