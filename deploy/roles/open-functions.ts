/** Every state-changing function that needs no role: who gets through, and its limits. */

/** A function without a role: who gets through and its limits. */
export interface OpenFunction {
  signature: string;
  caller: string;
  worstCase: string;
}

const ANYONE = "anyone";
const OWN_TOKENS = "The caller spends its own tokens.";
const ALLOWANCE = "The caller spends the allowance of the holder.";
const SIGNED = "The terms that the holder signed take effect, once.";
const ADMINS = "admins of the account, at first itself";
const OWN_CREDIT = "An admin moves the credit of its account.";
const OWN_ACCOUNT = "An admin changes its own account.";
const LIMITS = "(uint256,uint256,uint48,uint32)";
const OWN_NODE = "The caller speaks for itself as a provider.";
const SPEAKER = "the provider and its operator key";
const SERVICE = "A provider's service starts or stops, or promises capacity that it does not have.";
const REWARD = "The rewards of an account are paid";

/** Inherited by every module that the AccessManager guards. */
export const AUTHORITY: OpenFunction = {
  signature: "setAuthority(address)",
  caller: "the AccessManager, on `updateAuthority` by ADMIN",
  worstCase:
    "The new authority decides on all rights in this contract; after the delay of the timelock.",
};

const SYNC: OpenFunction = {
  signature: "syncMeter(address)",
  caller: ANYONE,
  worstCase: "The flag copies the answer of the AccessManager.",
};

/** Every state-changing function that needs no role, by contract. */
export const OPEN_FUNCTIONS: Readonly<Record<string, readonly OpenFunction[]>> = {
  GenesisFactory: [
    {
      signature:
        "create(address,address,(uint40,uint32,bool)[][],(bytes32,address,uint256)[],(bytes32,address,uint48,uint32,bool,uint256)[])",
      caller: "the deployer, once",
      worstCase:
        "Allocations other than published; each is an event. Done at deployment, so never again.",
    },
  ],
  OPAToken: [
    ...["approve(address,uint256)", "approveAndCall(address,uint256)"],
    ...["approveAndCall(address,uint256,bytes)", "burn(uint256)", "transfer(address,uint256)"],
    ...["transferAndCall(address,uint256)", "transferAndCall(address,uint256,bytes)"],
  ]
    .map((signature) => ({ signature, caller: ANYONE, worstCase: OWN_TOKENS }))
    .concat(
      [
        ...["burnFrom(address,uint256)", "transferFrom(address,address,uint256)"],
        ...["transferFromAndCall(address,address,uint256)"],
        ...["transferFromAndCall(address,address,uint256,bytes)"],
      ].map((signature) => ({
        signature,
        caller: "whoever has an allowance",
        worstCase: ALLOWANCE,
      })),
      [
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
        "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
        "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
        "cancelAuthorization(address,bytes32,bytes)",
        "cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)",
      ].map((signature) => ({
        signature,
        caller: "whoever has a signature of the holder",
        worstCase: SIGNED,
      })),
      [
        "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
        "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
      ].map((signature) => ({
        signature,
        caller: "the recipient that the holder signed for",
        worstCase: SIGNED,
      })),
    ),
  ReleaseVault: [
    {
      signature: "createCurve((uint40,uint32,bool)[])",
      caller: ANYONE,
      worstCase: "Another curve exists; none changes.",
    },
    {
      signature: "createSchedule((address,uint48,uint32,bool,uint256))",
      caller: ANYONE,
      worstCase: "The caller's own tokens go into a schedule.",
    },
    {
      signature: "createSchedules((address,uint48,uint32,bool,uint256)[])",
      caller: ANYONE,
      worstCase: "The caller's own tokens go into schedules.",
    },
    {
      signature: "claim(uint256)",
      caller: ANYONE,
      worstCase: "The vested part is paid to its beneficiary.",
    },
    {
      signature: "claimMany(uint256[])",
      caller: ANYONE,
      worstCase: "The vested parts are paid to their beneficiaries.",
    },
    {
      signature: "claimTo(uint256,address)",
      caller: "the beneficiary",
      worstCase: "The vested part is paid to the place that the beneficiary names.",
    },
    {
      signature: "claimToLock(uint256)",
      caller: "the beneficiary",
      worstCase: "The vested part is added to the beneficiary's own lock.",
    },
    {
      signature: "claimToStake(uint256,address)",
      caller: "the beneficiary",
      worstCase: "The vested part is added to the stake that the beneficiary names.",
    },
    {
      signature: "claimManyTo(uint256[],address)",
      caller: "the beneficiary",
      worstCase: "The vested part is paid to the place that the beneficiary names.",
    },
    {
      signature: "proposeBeneficiary(uint256,address)",
      caller: "the beneficiary",
      worstCase: "The beneficiary offers its own schedule.",
    },
    {
      signature: "acceptBeneficiary(uint256)",
      caller: "the account it was offered to",
      worstCase: "A schedule that was offered changes hands.",
    },
    AUTHORITY,
  ],
  ResourceRegistry: [
    {
      signature: "fixPrices(uint32[])",
      caller: ANYONE,
      worstCase: "Rates are stored earlier; a later computation has the same result.",
    },
    {
      signature: "storeRates(uint32)",
      caller: ANYONE,
      worstCase: "As fixPrices.",
    },
    AUTHORITY,
  ],
  Meter: [
    ...[
      "deposit(address,uint256)",
      "depositWithPermit(address,uint256,uint256,uint8,bytes32,bytes32)",
    ].map((signature) => ({ signature, caller: ANYONE, worstCase: OWN_TOKENS })),
    {
      signature: "depositWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
      caller: "whoever has a signature of the payer",
      worstCase: "The account that the payer signed for is credited, once.",
    },
    {
      signature: "onTransferReceived(address,address,uint256,bytes)",
      caller: "the token",
      worstCase: "Tokens that just arrived are credited.",
    },
    ...["withdraw(address,address,uint256)", "reserve(address,address,address,uint256,uint48)"].map(
      (signature) => ({ signature, caller: ADMINS, worstCase: OWN_CREDIT }),
    ),
    ...[
      `limitOrganisation(address,${LIMITS})`,
      `openProject(address,${LIMITS})`,
      `setProject(address,uint32,${LIMITS})`,
      "revokeProjectKeys(address,uint32)",
      "revokeAllKeys(address)",
      "nominateAdmin(address,address)",
      "removeAdmin(address,address)",
    ].map((signature) => ({ signature, caller: ADMINS, worstCase: OWN_ACCOUNT })),
    {
      signature: `setKey(address,address,uint32,uint8,${LIMITS})`,
      caller: "admins of the account; managers for spenders of their project",
      worstCase: "A key may burn credit within its limits, those of its project and the account.",
    },
    {
      signature: "revokeKey(address,address)",
      caller: "admins of the account, the key, managers for spenders of their project",
      worstCase: "A key loses its rights.",
    },
    {
      signature: "acceptAdmin(address)",
      caller: "whom an admin nominated",
      worstCase: "Another admin administers the account and its credit, as an admin wanted.",
    },
    {
      signature: "releaseReservation(address,address)",
      caller: "the provider; anyone after the end and its grace",
      worstCase: "A reservation returns to the credit of its account.",
    },
    SYNC,
    AUTHORITY,
  ],
  AccessPolicy: [AUTHORITY],
  NodeRegistry: [
    ...[
      "register(uint96,uint32,address,string)",
      "requestUnbonding(uint96)",
      "exit()",
      "setCategories(uint32)",
      "setMetadata(string)",
      "nominateOperator(address)",
    ].map((signature) => ({ signature, caller: ANYONE, worstCase: OWN_NODE })),
    ...[
      "activate(address)",
      "deactivate(address)",
      "publishCapacity(address,uint32[],uint64[])",
    ].map((signature) => ({ signature, caller: SPEAKER, worstCase: SERVICE })),
    {
      signature: "acceptOperator(address)",
      caller: "whom the provider nominated, after the delay and for a week",
      worstCase: "Another key signs the provider's receipts, as the provider wanted.",
    },
    {
      signature: "syncProvider(address)",
      caller: ANYONE,
      worstCase: "The Meter gets the present categories of a provider again.",
    },
    { signature: "stake(address,uint96)", caller: ANYONE, worstCase: OWN_TOKENS },
    {
      signature: "withdraw(address)",
      caller: ANYONE,
      worstCase: "Stake that has waited its time is paid to its provider.",
    },
    AUTHORITY,
  ],
  NodeSlashing: [
    {
      signature:
        "proveEquivocation(((address,address,bytes32,(uint32,uint128)[],bytes32),address,bytes),((address,address,bytes32,(uint32,uint128)[],bytes32),address,bytes))",
      caller: "whoever has two contradicting receipts",
      worstCase:
        "The provider whose key signed both is slashed, once, within the caps; for a retired key once in all.",
    },
    {
      signature: "executeFault(uint256)",
      caller: "anyone, after the challenge",
      worstCase: "A fault that nobody vetoed is slashed, within the caps.",
    },
    AUTHORITY,
  ],
  IncentiveVault: [
    {
      signature: "close()",
      caller: ANYONE,
      worstCase: "A finished epoch is released by its rule, once; draws whose term is over return.",
    },
    {
      signature: "returnUnused()",
      caller: ANYONE,
      worstCase: "The rest of draws whose term of 90 days is over returns to the reserve.",
    },
    {
      signature: "receiveDraw(uint256,uint256)",
      caller: "the reserve",
      worstCase: "A draw that has arrived adds to the stage cap, for 90 days.",
    },
    AUTHORITY,
  ],
  IncentivePool: [
    {
      signature: "book(address,uint32,uint256)",
      caller: "the Meter",
      worstCase: "A provider's part of an epoch is booked, at most the release for it.",
    },
    {
      signature: "claim(address)",
      caller: ANYONE,
      worstCase: `${REWARD} to its payout address.`,
    },
    ...["claimTo(address)", "claimToStake()", "claimToLock()"].map((signature) => ({
      signature,
      caller: "the account",
      worstCase: `${REWARD} to the place that it names.`,
    })),
    {
      signature: "setPayout(address)",
      caller: "the account",
      worstCase: "Its later claims are paid there.",
    },
    {
      signature: "returnUnclaimed(address)",
      caller: "anyone, 365 days after the last contribution or claim of the account",
      worstCase: "Its unclaimed rewards return to the vault.",
    },
    AUTHORITY,
  ],
  Attestations: [
    {
      signature: "attest((uint32,uint32,address,uint64,bytes32,uint48,uint48),address[],bytes[])",
      caller: "whoever has the signatures of enough verifiers",
      worstCase: "A contribution is recorded, once, in the running epoch.",
    },
    AUTHORITY,
  ],
  Settlement: [
    {
      signature: "settle((address,uint32,uint48,address,uint256[],bytes)[])",
      caller: ANYONE,
      worstCase: "The price of signed use is burned, once.",
    },
    {
      signature: "preview((address,uint32,uint48,address,uint256[],bytes)[])",
      caller: ANYONE,
      worstCase: "Nothing: all effects are reverted.",
    },
  ],
  GovernanceLock: [
    { signature: "lock(uint96,uint48)", caller: ANYONE, worstCase: OWN_TOKENS },
    {
      signature: "increase(address,uint96)",
      caller: ANYONE,
      worstCase: "The caller's tokens go into a lock; its end stays.",
    },
    { signature: "extend(uint48)", caller: "the owner of a lock", worstCase: "Its end is later." },
    {
      signature: "withdraw()",
      caller: "the owner of a lock, after its end and hold",
      worstCase: "Its locked OPA is paid to it.",
    },
    {
      signature: "delegate(address)",
      caller: ANYONE,
      worstCase: "Its own power counts elsewhere.",
    },
    {
      signature: "useNonce(uint256)",
      caller: ANYONE,
      worstCase: "Delegations that it signed itself no longer count.",
    },
    ...[
      "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)",
      "delegateBySig(address,address,uint256,uint256,bytes)",
    ].map((signature) => ({
      signature,
      caller: "whoever has a signature of the account",
      worstCase: SIGNED,
    })),
    {
      signature: "syncHolder(address)",
      caller: ANYONE,
      worstCase: "The flag copies the answer of the AccessManager.",
    },
    AUTHORITY,
  ],
  OPAGovernor: [
    {
      signature: "propose(address[],uint256[],bytes[],string)",
      caller: "whoever has the votes of the threshold",
      worstCase: "A decision about modules of the system is put to the vote; its lock is held.",
    },
    ...["castVote(uint256,uint8)", "castVoteWithReason(uint256,uint8,string)"]
      .concat("castVoteWithReasonAndParams(uint256,uint8,string,bytes)")
      .map((signature) => ({
        signature,
        caller: ANYONE,
        worstCase: "Its own power at the snapshot counts, once; its lock is held.",
      })),
    ...[
      "castVoteBySig(uint256,uint8,address,bytes)",
      "castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)",
    ].map((signature) => ({
      signature,
      caller: "whoever has a signature of the voter",
      worstCase: SIGNED,
    })),
    ...["queue", "execute"].map((name) => ({
      signature: `${name}(address[],uint256[],bytes[],bytes32)`,
      caller: ANYONE,
      worstCase: "A decision takes its next step, in its time.",
    })),
    {
      signature: "cancel(address[],uint256[],bytes[],bytes32)",
      caller: "the proposer before the vote; the guardian of proposals in its term",
      worstCase: "A decision is stopped for good; the guardian could stop all for a year at most.",
    },
    ...[
      "setVotingDelay(uint48)",
      "setVotingPeriod(uint32)",
      "setProposalThreshold(uint256)",
      "updateQuorumNumerator(uint256)",
      "setLateQuorumVoteExtension(uint48)",
    ].map((signature) => ({
      signature,
      caller: "the timelock, on a proposal",
      worstCase: "A setting moves by half, inside fixed bounds, once in 14 days, for later votes.",
    })),
    {
      signature: "setProposalGuardian(address)",
      caller: "the timelock, on a proposal",
      worstCase: "Another guardian can cancel for a year.",
    },
    {
      signature: "relay(address,uint256,bytes)",
      caller: "nobody",
      worstCase: "Nothing: it always reverts.",
    },
    ...[
      "onERC721Received(address,address,uint256,bytes)",
      "onERC1155Received(address,address,uint256,uint256,bytes)",
      "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)",
    ].map((signature) => ({
      signature,
      caller: "nobody",
      worstCase: "Nothing: it always reverts.",
    })),
    AUTHORITY,
  ],
  SystemTimelock: [
    ...[
      "schedule(address,uint256,bytes,bytes32,bytes32,uint256)",
      "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)",
    ].map((signature) => ({
      signature,
      caller: "the Governor",
      worstCase: "A decision starts to wait for the delay.",
    })),
    {
      signature: "cancel(bytes32)",
      caller: "the Governor",
      worstCase: "A decision is stopped.",
    },
    ...[
      "execute(address,uint256,bytes,bytes32,bytes32)",
      "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)",
    ].map((signature) => ({
      signature,
      caller: ANYONE,
      worstCase: "A decision that has waited is executed.",
    })),
    {
      signature: "updateDelay(uint256)",
      caller: "itself",
      worstCase: "The delay moves by half, between a day and 30 days, once in 14 days.",
    },
    ...["grantRole(bytes32,address)", "revokeRole(bytes32,address)"].map((signature) => ({
      signature,
      caller: "itself",
      worstCase: "Somebody else proposes or cancels, after the delay of a decision to that end.",
    })),
    {
      signature: "renounceRole(bytes32,address)",
      caller: "who holds it",
      worstCase: "A holder gives up its own role.",
    },
    ...[
      "onERC721Received(address,address,uint256,bytes)",
      "onERC1155Received(address,address,uint256,uint256,bytes)",
      "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)",
    ].map((signature) => ({
      signature,
      caller: ANYONE,
      worstCase: "The timelock gets a token that it has no use for.",
    })),
  ],
  SystemReserve: [
    {
      signature: "observe(address)",
      caller: ANYONE,
      worstCase: "The present answer of a condition is recorded.",
    },
    {
      signature: "execute(uint256)",
      caller: "anyone, two days after the decision and while it is needed",
      worstCase: "A draw that was decided on is paid, once, within the caps.",
    },
    AUTHORITY,
  ],
  StageCapCondition: [AUTHORITY],
  SystemDirectory: [AUTHORITY],
};
