import { REMEDY, type ErrorTexts } from "./texts.js";

/** Errors of OpenZeppelin's contracts that the suite is built on, and of the language. */
export const COMMON_ERRORS: ErrorTexts = {
  "Error(string message)": ["The call failed: {message}.", "Look at the arguments of the call."],
  "Panic(uint256 code)": [
    "The code stopped with panic {code}.",
    "Look at the arguments of the call: a number is too large, or a list too short.",
  ],

  "AccessControlBadConfirmation()": [
    "A role can only be given up by its own holder.",
    "Send the transaction from the holder.",
  ],
  "AccessControlUnauthorizedAccount(address account, bytes32 neededRole)": [
    "{account} has not the role {neededRole} of the timelock.",
    "Proposals of the Governor are the way; only it proposes.",
  ],
  "AccessManagedInvalidAuthority(address authority)": [
    "There is no contract at {authority}.",
    REMEDY.deployment,
  ],
  "AccessManagedRequiredDelay(address caller, uint32 delay)": [
    "{caller} has to announce this call {delay:span} before.",
    "Schedule it at the AccessManager.",
  ],
  "AccessManagedUnauthorized(address caller)": [
    "{caller} has not the role that this function asks for.",
    REMEDY.role,
  ],
  "AccessManagerAlreadyScheduled(bytes32 operationId)": [
    "Operation {operationId} is scheduled already.",
    "Wait for it, or cancel it.",
  ],
  "AccessManagerBadConfirmation()": [
    "A role can only be given up by its own holder.",
    "Send the transaction from the holder.",
  ],
  "AccessManagerExpired(bytes32 operationId)": [
    "Operation {operationId} has expired.",
    "Schedule it again.",
  ],
  "AccessManagerInvalidInitialAdmin(address initialAdmin)": [
    "{initialAdmin} cannot be the first admin.",
    REMEDY.deployment,
  ],
  "AccessManagerLockedFunction(bytes4 selector)": [
    "The role of function {selector} cannot be changed.",
    "Nothing can be done.",
  ],
  "AccessManagerLockedRole(uint64 roleId)": [
    "The role {roleId:system} cannot be changed.",
    "Nothing can be done.",
  ],
  "AccessManagerNotReady(bytes32 operationId)": [
    "Operation {operationId} is not ready.",
    "Wait until its delay is over.",
  ],
  "AccessManagerNotScheduled(bytes32 operationId)": [
    "Operation {operationId} is not scheduled.",
    "Schedule it first.",
  ],
  "AccessManagerUnauthorizedAccount(address msgsender, uint64 roleId)": [
    "{msgsender} has not the role {roleId:system}.",
    REMEDY.role,
  ],
  "AccessManagerUnauthorizedCall(address caller, address target, bytes4 selector)": [
    "{caller} may not call function {selector} of {target}.",
    REMEDY.role,
  ],
  "AccessManagerUnauthorizedCancel(address msgsender, address caller, address target, bytes4 selector)":
    ["{msgsender} may not cancel what {caller} has scheduled for {target}.", REMEDY.role],
  "AccessManagerUnauthorizedConsume(address target)": [
    "{target} does not take scheduled operations.",
    "Nothing can be done.",
  ],

  "ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)": [
    "{spender} may take {allowance:opa}, and {needed:opa} are needed.",
    "Approve the amount to it first, or deposit with a permit.",
  ],
  "ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)": [
    "{sender} has {balance:opa}, and {needed:opa} are needed.",
    "Send it OPA first, or ask for less.",
  ],
  "ERC20InvalidApprover(address approver)": ["{approver} cannot approve.", REMEDY.address],
  "ERC20InvalidReceiver(address receiver)": ["{receiver} cannot receive OPA.", REMEDY.address],
  "ERC20InvalidSender(address sender)": ["{sender} cannot send OPA.", REMEDY.address],
  "ERC20InvalidSpender(address spender)": ["{spender} cannot be approved.", REMEDY.address],
  "ERC1363ApproveFailed(address spender, uint256 value)": [
    "{spender} could not be approved {value:opa}.",
    REMEDY.address,
  ],
  "ERC1363InvalidReceiver(address receiver)": [
    "{receiver} does not take OPA by ERC-1363.",
    "Use a plain transfer.",
  ],
  "ERC1363InvalidSpender(address spender)": [
    "{spender} does not take an approval by ERC-1363.",
    "Use a plain approval.",
  ],
  "ERC1363TransferFailed(address receiver, uint256 value)": [
    "{value:opa} could not be sent to {receiver}.",
    REMEDY.address,
  ],
  "ERC1363TransferFromFailed(address sender, address receiver, uint256 value)": [
    "{value:opa} of {sender} could not be sent to {receiver}.",
    REMEDY.address,
  ],
  "ERC2612ExpiredSignature(uint256 deadline)": [
    "The permit held until {deadline:time}.",
    "Sign a new one.",
  ],
  "ERC2612InvalidSigner(address signer, address owner)": [
    "The permit is signed by {signer} and not by {owner}.",
    "Sign with the owner's key, its present nonce, and the domain that `eip712Domain` names.",
  ],
  "SafeERC20FailedOperation(address token)": [
    "A transfer of token {token} failed.",
    "Check the balance and the allowance.",
  ],
  "ECDSAInvalidSignature()": ["The signature is none.", "Sign again."],
  "ECDSAInvalidSignatureLength(uint256 length)": [
    "The signature has {length} bytes, and 65 are asked for.",
    "Give r, s and v together.",
  ],
  "ECDSAInvalidSignatureS(bytes32 s)": [
    "The signature has the higher s ({s}).",
    "Give the other form of it; ethers and viem make the lower one.",
  ],
  "InvalidAccountNonce(address account, uint256 currentNonce)": [
    "The next nonce of {account} is {currentNonce}.",
    "Sign again with this nonce.",
  ],
  "InvalidShortString()": ["A text is no short one.", REMEDY.deployment],
  "StringTooLong(string str)": ['"{str}" is too long.', "Give a shorter text."],

  "GovernorAlreadyCastVote(address voter)": [
    "{voter} has voted already.",
    "A vote cannot be changed.",
  ],
  "GovernorAlreadyQueuedProposal(uint256 proposalId)": [
    "Proposal {proposalId} is queued already.",
    "Wait for the delay, then execute it.",
  ],
  "GovernorDisabledDeposit()": ["The Governor takes no ETH.", "Send none."],
  "GovernorInsufficientProposerVotes(address proposer, uint256 votes, uint256 threshold)": [
    "{proposer} has {votes:opa} of votes, and a proposal asks for {threshold:opa}.",
    "Lock more OPA, or have votes delegated; both count a second later.",
  ],
  "GovernorInvalidProposalLength(uint256 targets, uint256 calldatas, uint256 values)": [
    "The proposal has {targets} targets, {calldatas} calls and {values} values.",
    "Give at least one action, and lists of the same length.",
  ],
  "GovernorInvalidQuorumFraction(uint256 quorumNumerator, uint256 quorumDenominator)": [
    "A quorum of {quorumNumerator} of {quorumDenominator} makes no sense.",
    REMEDY.vote,
  ],
  "GovernorInvalidSignature(address voter)": [
    "The signature is not that of {voter}.",
    "Sign with the voter's key and its present nonce.",
  ],
  "GovernorInvalidVoteParams()": ["The vote has parameters that are not read.", "Send none."],
  "GovernorInvalidVoteType()": [
    "There is no such vote.",
    "Vote 0 against, 1 for, or 2 to abstain.",
  ],
  "GovernorInvalidVotingPeriod(uint256 votingPeriod)": [
    "A voting period of {votingPeriod:span} makes no sense.",
    REMEDY.vote,
  ],
  "GovernorNonexistentProposal(uint256 proposalId)": [
    "There is no proposal {proposalId}.",
    "Check the number; the description has to be the same to the letter, line ends included.",
  ],
  "GovernorOnlyExecutor(address account)": [
    "{account} is not the timelock, which alone carries out decisions.",
    "Make a proposal of it.",
  ],
  "GovernorPreventLateQuorumVoteExtensionTooLarge(uint256 newVoteExtension, uint256 maxVoteExtension)":
    ["An extension of {newVoteExtension:span} is above {maxVoteExtension:span}.", REMEDY.vote],
  "GovernorProposalQueueingFailed(uint256 proposalId)": [
    "Proposal {proposalId} could not be queued.",
    "Check its state.",
  ],
  "GovernorProposalQueueingNotRequired(uint256 proposalId)": [
    "Proposal {proposalId} needs no queue.",
    "Execute it.",
  ],
  "GovernorRestrictedProposer(address proposer)": [
    "The description names another proposer than {proposer}.",
    "Propose from the account that it names.",
  ],
  "GovernorUnableToCancel(uint256 proposalId, address account)": [
    "{account} cannot cancel proposal {proposalId}.",
    "Its proposer can before the vote begins, and the proposal guardian always.",
  ],
  "GovernorUnexpectedProposalState(uint256 proposalId, uint8 current, bytes32 expectedStates)": [
    "Proposal {proposalId} is {current:proposal}, and this step does not start from there.",
    "Vote while it is active, queue it when it has succeeded, and execute it after the delay.",
  ],
  "TimelockInsufficientDelay(uint256 delay, uint256 minDelay)": [
    "A delay of {delay:span} is below {minDelay:span}.",
    "Choose a longer delay.",
  ],
  "TimelockInvalidOperationLength(uint256 targets, uint256 payloads, uint256 values)": [
    "The operation has {targets} targets, {payloads} calls and {values} values.",
    REMEDY.lists,
  ],
  "TimelockUnauthorizedCaller(address caller)": [
    "{caller} is not the timelock itself.",
    "Make a proposal of it.",
  ],
  "TimelockUnexecutedPredecessor(bytes32 predecessorId)": [
    "Operation {predecessorId} has to be executed first.",
    "Execute it.",
  ],
  "TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)": [
    "Operation {operationId} is not in the state that this step starts from.",
    "Wait for its delay; what is done cannot be done again.",
  ],
  "VotesExpiredSignature(uint256 expiry)": [
    "The signed delegation held until {expiry:time}.",
    "Sign a new one.",
  ],
  "ERC6372InconsistentClock()": ["The clock of the lock has changed.", REMEDY.deployment],

  "AddressEmptyCode(address target)": [
    "There is no contract at {target}.",
    "Check the address and the network.",
  ],
  "CheckpointUnorderedInsertion()": [
    "A record would be put before a later one.",
    "Try again in the next epoch.",
  ],
  "FailedCall()": ["An inner call failed without a reason.", "Try it alone to see why."],
  "InsufficientBalance(uint256 balance, uint256 needed)": [
    "The contract has {balance} wei, and {needed} are needed.",
    "Send it ETH first.",
  ],
  "RateLimitExceeded()": ["A limit of this day is used up.", "Try again when it has refilled."],
  "SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)": [
    "{value} does not fit {bits} bits.",
    "Give a smaller number.",
  ],
};
