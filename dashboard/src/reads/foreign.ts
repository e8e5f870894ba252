/**
 * ABIs of OpenZeppelin's contracts, as far as the page reads and calls them; a test compares them
 * with the deployed ones.
 */

/** Governor with counting, timelock and settings, as `OPAGovernor` has it. */
export const GOVERNOR_ABI = [
  "event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)",
  "event ProposalQueued(uint256 proposalId, uint256 etaSeconds)",
  "event ProposalExecuted(uint256 proposalId)",
  "event ProposalCanceled(uint256 proposalId)",
  "function state(uint256 proposalId) view returns (uint8)",
  "function proposalVotes(uint256 proposalId) view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes)",
  "function proposalSnapshot(uint256 proposalId) view returns (uint256)",
  "function proposalDeadline(uint256 proposalId) view returns (uint256)",
  "function proposalEta(uint256 proposalId) view returns (uint256)",
  "function quorum(uint256 timepoint) view returns (uint256)",
  "function castVote(uint256 proposalId, uint8 support) returns (uint256)",
  "function guardianExpiresAt() view returns (uint48)",
  "function proposalGuardian() view returns (address)",
] as const;

/** The AccessManager that guards the suite. */
export const ACCESS_MANAGER_ABI = [
  "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
  "event RoleRevoked(uint64 indexed roleId, address indexed account)",
  "event RoleLabel(uint64 indexed roleId, string label)",
  "function hasRole(uint64 roleId, address account) view returns (bool isMember, uint32 executionDelay)",
  "function getTargetFunctionRole(address target, bytes4 selector) view returns (uint64)",
] as const;

/** The timelock that every decision waits in. */
export const TIMELOCK_ABI = ["function getMinDelay() view returns (uint256)"] as const;
