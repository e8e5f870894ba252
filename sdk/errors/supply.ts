import { REMEDY, type ErrorTexts } from "./texts.js";

/** Errors of the token, its genesis, and the release vault. */
export const SUPPLY_ERRORS: ErrorTexts = {
  "ERC3009InvalidAuthorizationTime(uint256 validAfter, uint256 validBefore)": [
    "The authorisation holds after {validAfter:time} and before {validBefore:time}.",
    "Submit it in this time, or have a new one signed.",
  ],
  "ERC3009InvalidSignature()": [
    "The authorisation is not signed by its payer.",
    "Sign with the payer's key, in the domain that `eip712Domain` of the token names.",
  ],
  "ERC3009UsedAuthorization(address authorizer, bytes32 nonce)": [
    "The authorisation {nonce} of {authorizer} was used or cancelled.",
    "Have a new one signed, with another nonce.",
  ],

  "GenesisEmptyAllocation(bytes32 label)": ["Allocation {label:text} is empty.", REMEDY.deployment],
  "GenesisFactoryAlreadyCreated(address genesis)": [
    "The genesis exists at {genesis}.",
    "Nothing is left to do.",
  ],
  "GenesisFactoryDelegatedDeployer(address deployer)": [
    "Deployer {deployer} has code, or delegates to some.",
    "Deploy from a plain key.",
  ],
  "GenesisFactoryUnauthorized(address caller, address deployer)": [
    "{caller} is not the deployer {deployer}.",
    "Deploy from the account that began.",
  ],
  "GenesisIncompleteBalance(uint256 balance, uint256 supply)": [
    "The genesis holds {balance:opa} of {supply:opa}.",
    REMEDY.deployment,
  ],
  "GenesisInvalidRecipient(bytes32 label, address recipient)": [
    "Allocation {label:text} cannot go to {recipient}.",
    "Name a contract that can use it for a direct allocation, and anybody else for a schedule.",
  ],
  "GenesisNotEmptied(uint256 remaining)": [
    "The vault has left {remaining:opa} with the genesis.",
    REMEDY.deployment,
  ],
  "GenesisUnknownCurve(bytes32 label, uint256 curve, uint256 count)": [
    "Allocation {label:text} names curve {curve} of {count}.",
    REMEDY.deployment,
  ],
  "GenesisVaultMismatch(address vault, address vaultToken, address token)": [
    "Vault {vault} releases {vaultToken} and not {token}.",
    REMEDY.deployment,
  ],
  "GenesisWrongSum(uint256 allocated, uint256 supply)": [
    "The allocations are {allocated:opa} together, and the supply is {supply:opa}.",
    REMEDY.deployment,
  ],

  "ReleaseCurveDecreasingShare(uint256 index, uint256 share, uint256 previous)": [
    "Stage {index} of the curve has a share of {share}, which is below the {previous} before it.",
    "Give shares that never decrease.",
  ],
  "ReleaseCurveIncomplete(uint256 share, uint256 whole)": [
    "The last stage of the curve has {share} of {whole}.",
    "End the curve at 100%.",
  ],
  "ReleaseCurveInvalidLength(uint256 count, uint256 limit)": [
    "The curve has {count} stages, and 1 to {limit} are allowed.",
    "Give another number of stages.",
  ],
  "ReleaseCurveInvalidOffset(uint256 index, uint256 offset, uint256 previous)": [
    "Stage {index} of the curve begins after {offset:span}, and the one before after {previous:span}.",
    "Give offsets that increase.",
  ],
  "ReleaseVaultAlreadyRevoked(uint256 id, uint256 revokedAt)": [
    "Schedule {id} was revoked at {revokedAt:time}.",
    "Nothing is left to do.",
  ],
  "ReleaseVaultForeignToken(address lock, address nodes)": [
    "Lock {lock} or registry {nodes} takes another token.",
    REMEDY.deployment,
  ],
  "ReleaseVaultFullyVested(uint256 id, uint256 total)": [
    "All {total:opa} of schedule {id} have vested.",
    "Nothing can be revoked.",
  ],
  "ReleaseVaultInvalidBatch(uint256 count, uint256 limit)": [
    "The batch has {count} schedules, and 1 to {limit} are allowed.",
    "Cut it into several.",
  ],
  "ReleaseVaultInvalidBeneficiary(address account)": [
    "{account} could never use what it would be paid.",
    "Name another beneficiary.",
  ],
  "ReleaseVaultInvalidRecipient(address account)": [
    "OPA would be stuck at {account}.",
    "Name another recipient.",
  ],
  "ReleaseVaultInvalidSetup(address token, address authority, address reserve)": [
    "Token {token}, access manager {authority} or reserve {reserve} is wrong.",
    REMEDY.deployment,
  ],
  "ReleaseVaultInvalidStart(uint256 start, uint256 limit)": [
    "A start of {start:time} is zero or after {limit:time}.",
    "Choose another start.",
  ],
  "ReleaseVaultInvalidTotal(uint256 total, uint256 limit)": [
    "A total of {total:opa} is zero or above {limit:opa}.",
    "Choose another total.",
  ],
  "ReleaseVaultNotBeneficiary(uint256 id, address caller, address beneficiary)": [
    "{caller} is not the beneficiary of schedule {id}, who is {beneficiary}.",
    "Send the transaction from the beneficiary.",
  ],
  "ReleaseVaultNotPendingBeneficiary(uint256 id, address caller, address pendingBeneficiary)": [
    "Schedule {id} was not offered to {caller}, but to {pendingBeneficiary}.",
    "Have the beneficiary offer it first.",
  ],
  "ReleaseVaultNotRevocable(uint256 id)": [
    "Schedule {id} was made not revocable.",
    "Nothing can be done.",
  ],
  "ReleaseVaultNothingToClaim(uint256 id, uint256 released)": [
    "Schedule {id} has paid {released:opa}, and nothing more has vested.",
    "Wait until more has vested.",
  ],
  "ReleaseVaultPendingUnchanged(uint256 id, address pendingBeneficiary)": [
    "Schedule {id} is offered to {pendingBeneficiary} already.",
    "Nothing is left to do.",
  ],
  "ReleaseVaultUnknownCurve(uint256 curveId, uint256 count)": [
    "There is no curve {curveId}; they run from 1 to {count}.",
    "Check the number.",
  ],
  "ReleaseVaultUnknownSchedule(uint256 id, uint256 count)": [
    "There is no schedule {id}; they run from 1 to {count}.",
    "Check the number.",
  ],
};
