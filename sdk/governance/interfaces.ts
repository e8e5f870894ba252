import { Interface, type InterfaceAbi } from "ethers";

import * as factories from "../../typechain-types/factories/contracts/interfaces/index.js";

/** OpenZeppelin's AccessManager, as far as decisions call it. */
const ACCESS_MANAGER = [
  "function multicall(bytes[] data)",
  "function execute(address target, bytes data)",
  "function schedule(address target, bytes data, uint48 when)",
  "function cancel(address caller, address target, bytes data)",
  "function labelRole(uint64 roleId, string label)",
  "function grantRole(uint64 roleId, address account, uint32 executionDelay)",
  "function revokeRole(uint64 roleId, address account)",
  "function renounceRole(uint64 roleId, address callerConfirmation)",
  "function setRoleAdmin(uint64 roleId, uint64 admin)",
  "function setRoleGuardian(uint64 roleId, uint64 guardian)",
  "function setGrantDelay(uint64 roleId, uint32 newDelay)",
  "function setTargetFunctionRole(address target, bytes4[] selectors, uint64 roleId)",
  "function setTargetAdminDelay(address target, uint32 newDelay)",
  "function setTargetClosed(address target, bool closed)",
  "function updateAuthority(address target, address newAuthority)",
];

/** OpenZeppelin's timelock, as far as decisions call it. */
const TIMELOCK = [
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function cancel(bytes32 id)",
  "function updateDelay(uint256 newDelay)",
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
  "function renounceRole(bytes32 role, address callerConfirmation)",
];

/** OpenZeppelin's Governor, as far as decisions call it. */
const GOVERNOR = [
  "function setVotingDelay(uint48 newVotingDelay)",
  "function setVotingPeriod(uint32 newVotingPeriod)",
  "function setProposalThreshold(uint256 newProposalThreshold)",
  "function updateQuorumNumerator(uint256 newQuorumNumerator)",
  "function setLateQuorumVoteExtension(uint48 newVoteExtension)",
  "function setProposalGuardian(address newProposalGuardian)",
  "function relay(address target, uint256 value, bytes data)",
  "function updateTimelock(address newTimelock)",
];

/** Functions that several modules have beside their own interface. */
const SHARED = ["IGuardedPause", "IBoundedParameter"];

/** ABIs of ours by the name of their interface. */
const OWN = new Map<string, InterfaceAbi>(
  Object.entries(factories).map(([name, { abi }]) => [name.replace(/__factory$/, ""), abi]),
);

/** Modules whose interface has another name than theirs, or is not ours alone. */
const SPECIAL: Readonly<Record<string, readonly InterfaceAbi[]>> = {
  "access-manager": [ACCESS_MANAGER],
  timelock: [TIMELOCK],
  governor: [GOVERNOR, ...named("IOPAGovernor", "IBoundedParameter")],
  token: named("IOPAToken"),
  "access-policy": named("IAccessPolicy", "IAccessGrants", "IBoundedParameter"),
};

/** Parsed ABIs. A program needs few of them, and all together take a tenth of a second. */
const parsed = new Map<InterfaceAbi, Interface>();

/** Interfaces of a module, as the directory names it: "node-slashing" has `INodeSlashing`. */
export function interfacesOf(module: string): readonly Interface[] {
  const own = module.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const abis = SPECIAL[module] ?? named(`I${own}`, ...SHARED);
  return abis.map(interfaceOf);
}

function named(...names: string[]): InterfaceAbi[] {
  return names.flatMap((name) => {
    const abi = OWN.get(name);
    return abi === undefined ? [] : [abi];
  });
}

function interfaceOf(abi: InterfaceAbi): Interface {
  let found = parsed.get(abi);
  if (found === undefined) parsed.set(abi, (found = new Interface(abi)));
  return found;
}
