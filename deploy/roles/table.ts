/** Every role with its holder, and every restricted function with its role. */

/** Role of the AccessManager that may grant roles and change this table. */
export const ADMIN_ROLE = 0n;

/** Who holds a role: a contract of the suite, or an account that the parameter file names. */
export type Holder =
  | "SystemTimelock"
  | "Settlement"
  | "Attestations"
  | "NodeSlashing"
  | "NodeRegistry"
  | "OPAGovernor"
  | "pause guardian"
  | "reporter";

/** A role of the suite. No holder has an execution delay: the timelock has its own, the meter needs none. */
export interface Role {
  id: bigint;
  holder: Holder;
  note: string;
}

/** A restricted function, and the worst case of its holder. */
export interface Permission {
  contract:
    | "ReleaseVault"
    | "ResourceRegistry"
    | "Meter"
    | "AccessPolicy"
    | "NodeRegistry"
    | "NodeSlashing"
    | "IncentiveVault"
    | "IncentivePool"
    | "Attestations"
    | "GovernanceLock"
    | "OPAGovernor"
    | "SystemReserve"
    | "StageCapCondition"
    | "SystemDirectory";
  signature: string;
  role: RoleName;
  worstCase: string;
}

export type RoleName =
  | "METER"
  | "GOVERNANCE"
  | "REGISTRAR"
  | "RECORDER"
  | "SLASHER"
  | "REPORTER"
  | "HOLDER"
  | "PAUSE_GUARDIAN"
  | "ENROLLER";

/** Every role besides ADMIN. */
export const ROLES: Record<RoleName, Role> = {
  METER: {
    id: 1n,
    holder: "Settlement",
    note: "Hands statements to the Meter, which keeps the decision as a flag that `syncMeter` copies.",
  },
  GOVERNANCE: {
    id: 2n,
    holder: "SystemTimelock",
    note: "Executes decisions, after the delay of the timelock.",
  },
  REGISTRAR: {
    id: 3n,
    holder: "SystemTimelock",
    note: "Grants access tiers; governance may name a registrar of its own.",
  },
  RECORDER: {
    id: 4n,
    holder: "Attestations",
    note: "Records points that verifiers attested.",
  },
  SLASHER: {
    id: 5n,
    holder: "NodeSlashing",
    note: "Slashes for proofs, and for announced faults without a veto.",
  },
  REPORTER: {
    id: 6n,
    holder: "reporter",
    note: "Announces faults of providers. A vote on the announcement would warn the provider.",
  },
  HOLDER: {
    id: 7n,
    holder: "OPAGovernor",
    note: "Holds the locks of proposers and voters; the lock keeps the decision as a flag that `syncHolder` copies.",
  },
  PAUSE_GUARDIAN: {
    id: 8n,
    holder: "pause guardian",
    note: "Pauses modules for up to 72 hours each, for a year; cannot end a pause, nor repeat it within 7 days.",
  },
  ENROLLER: {
    id: 9n,
    holder: "NodeRegistry",
    note: "Gives the Meter the categories of each provider and the end of its service.",
  },
};

/** Inflows that a pause of each module stops; exits go on in all of them. */
const PAUSABLE = {
  ReleaseVault: "no schedule can be made",
  Meter: "nothing settles, and nothing can be deposited or reserved",
  NodeRegistry: "nobody can register, start service or add to a stake",
  NodeSlashing: "nobody is slashed, while unbonding takes 21 days",
  IncentivePool: "no attested points are recorded",
  Attestations: "nothing can be attested",
  SystemReserve: "no draw is decided on or paid",
} as const;

/** The permission table: every restricted function of the suite. */
export const PERMISSIONS: readonly Permission[] = [
  {
    contract: "ReleaseVault",
    signature: "revoke(uint256)",
    role: "GOVERNANCE",
    worstCase: "The unvested rest of a schedule created as revocable goes to the reserve.",
  },
  {
    contract: "ResourceRegistry",
    signature: "register((string,string,uint8,uint32,uint8,uint96,uint96,uint96,uint64,uint16))",
    role: "GOVERNANCE",
    worstCase: "A useless resource takes one of 512 ids; existing resources keep weight and price.",
  },
  {
    contract: "ResourceRegistry",
    signature: "registerDerived(uint32,uint32,string)",
    role: "GOVERNANCE",
    worstCase: "As register.",
  },
  {
    contract: "ResourceRegistry",
    signature: "deprecate(uint32)",
    role: "GOVERNANCE",
    worstCase: "A resource in use is announced to go; it stays usable.",
  },
  {
    contract: "ResourceRegistry",
    signature: "retire(uint32)",
    role: "GOVERNANCE",
    worstCase:
      "A deprecated resource has no price from the next epoch on; earlier use can still settle.",
  },
  {
    contract: "ResourceRegistry",
    signature: "announce(bytes32,uint256)",
    role: "GOVERNANCE",
    worstCase:
      "A rate moves by 20% or a target by half, inside fixed bounds, once a week and 48 hours ahead.",
  },
  {
    contract: "ResourceRegistry",
    signature: "withdrawAnnouncement(bytes32)",
    role: "GOVERNANCE",
    worstCase: "An announced rate or target does not come.",
  },
  {
    contract: "ResourceRegistry",
    signature: "registerPricePolicy(address)",
    role: "GOVERNANCE",
    worstCase: "A harmful policy can be chosen later; alone it moves nothing.",
  },
  {
    contract: "ResourceRegistry",
    signature: "defineTarget(uint32,uint64)",
    role: "GOVERNANCE",
    worstCase: "A resource without a target gets a wrong one; alone it moves nothing.",
  },
  {
    contract: "ResourceRegistry",
    signature: "choosePricePolicy(uint32,uint16)",
    role: "GOVERNANCE",
    worstCase: "A rate moves by 1/8 per epoch inside fixed bounds.",
  },
  {
    contract: "ResourceRegistry",
    signature: "freezePrice(uint32)",
    role: "GOVERNANCE",
    worstCase: "A rate stays where it is until a policy is chosen anew.",
  },
  {
    contract: "ResourceRegistry",
    signature: "setMeter(address)",
    role: "GOVERNANCE",
    worstCase: "Nothing: the Meter was connected at deployment, which is possible once.",
  },
  {
    contract: "NodeRegistry",
    signature: "setMeter(address)",
    role: "GOVERNANCE",
    worstCase: "Nothing: the Meter was connected at deployment, which is possible once.",
  },
  {
    contract: "Meter",
    signature: "setProvider(address,uint32,uint48)",
    role: "ENROLLER",
    worstCase:
      "A provider counts as serving although it does not, or the reverse; its signed statements settle, or wait.",
  },
  {
    contract: "Meter",
    signature: "registerAccessPolicy(address)",
    role: "GOVERNANCE",
    worstCase: "A harmful policy can be chosen later; alone it grants nothing.",
  },
  {
    contract: "Meter",
    signature: "chooseAccessPolicy(address)",
    role: "GOVERNANCE",
    worstCase: "48 hours later tiers are wrong, so gated resources are open to all or to nobody.",
  },
  {
    contract: "AccessPolicy",
    signature: "grantTier(address,uint8,uint48)",
    role: "REGISTRAR",
    worstCase: "Accounts may use, or may no longer use, resources that ask for a tier.",
  },
  {
    contract: "AccessPolicy",
    signature: "announce(bytes32,uint256)",
    role: "GOVERNANCE",
    worstCase: "A threshold moves by half, inside fixed bounds, once a week and 48 hours ahead.",
  },
  {
    contract: "AccessPolicy",
    signature: "withdrawAnnouncement(bytes32)",
    role: "GOVERNANCE",
    worstCase: "An announced threshold does not come.",
  },
  {
    contract: "Meter",
    signature: "charge((address,uint32,uint48,address,uint256[],bytes)[])",
    role: "METER",
    worstCase:
      "Credit is burned without a signature, within all limits of its organisation; none can be taken.",
  },
  {
    contract: "Meter",
    signature: "chargeSome((address,uint32,uint48,address,uint256[],bytes)[],uint8[])",
    role: "METER",
    worstCase:
      "As `charge`, whose role opens both: credit is burned without a signature, within all limits of its organisation; none can be taken.",
  },
  {
    contract: "NodeRegistry",
    signature: "slash(address,uint16)",
    role: "SLASHER",
    worstCase:
      "In any 7 days 10% of a provider's stake and 5% of all stake goes to the reserve, and nowhere else.",
  },
  {
    contract: "NodeRegistry",
    signature: "announce(bytes32,uint256)",
    role: "GOVERNANCE",
    worstCase:
      "What a category asks for moves by half, inside fixed bounds, once a week and 48 hours ahead; nobody is stopped by it.",
  },
  {
    contract: "NodeRegistry",
    signature: "withdrawAnnouncement(bytes32)",
    role: "GOVERNANCE",
    worstCase: "An announced minimum does not come.",
  },
  {
    contract: "NodeSlashing",
    signature: "announceFault(address,uint16,bytes32,string)",
    role: "REPORTER",
    worstCase: "12 days later, unless vetoed, an innocent provider is slashed within the caps.",
  },
  {
    contract: "NodeSlashing",
    signature: "vetoFault(uint256)",
    role: "GOVERNANCE",
    worstCase: "A fault that was real goes unpunished.",
  },
  {
    contract: "Meter",
    signature: "setBook(address)",
    role: "GOVERNANCE",
    worstCase:
      "From the next epoch on another contract gets the releases: at most κ × the burn of each epoch, and 90% of all burns ever.",
  },
  {
    contract: "AccessPolicy",
    signature: "setScores(address[])",
    role: "GOVERNANCE",
    worstCase: "Contribution scores come from elsewhere, and with them access tiers.",
  },
  {
    contract: "IncentivePool",
    signature: "recordPoints(address,uint8,uint256)",
    role: "RECORDER",
    worstCase:
      "The shares of attested categories go to the wrong accounts, in epochs with use and at most a gwei a point; provision and the bound κ × burned stay.",
  },
  {
    contract: "IncentiveVault",
    signature: "announce(bytes32,uint256)",
    role: "GOVERNANCE",
    worstCase: "κ moves by a fifth, between 10% and 90%, once a week and 48 hours ahead.",
  },
  {
    contract: "IncentiveVault",
    signature: "withdrawAnnouncement(bytes32)",
    role: "GOVERNANCE",
    worstCase: "An announced κ does not come.",
  },
  {
    contract: "Attestations",
    signature: "defineKind((string,uint8,uint56,uint56,uint32,uint8,address[]))",
    role: "GOVERNANCE",
    worstCase: "As recordPoints, for all contributions that the named verifiers sign.",
  },
  {
    contract: "Attestations",
    signature: "setVerifiers(uint32,address[],uint8)",
    role: "GOVERNANCE",
    worstCase: "As defineKind.",
  },
  {
    contract: "Attestations",
    signature: "retireKind(uint32)",
    role: "GOVERNANCE",
    worstCase: "Contributions of a kind can no longer be recorded; recorded points stay.",
  },
  {
    contract: "GovernanceLock",
    signature: "hold(address,uint48)",
    role: "HOLDER",
    worstCase: "Locks that have ended stay for up to 60 days longer; none can be taken.",
  },
  {
    contract: "OPAGovernor",
    signature: "announce(bytes32,uint256)",
    role: "GOVERNANCE",
    worstCase:
      "The floor of the quorum moves by half, inside fixed bounds, once in 30 days and 48 hours ahead.",
  },
  {
    contract: "OPAGovernor",
    signature: "withdrawAnnouncement(bytes32)",
    role: "GOVERNANCE",
    worstCase: "An announced floor does not come.",
  },
  {
    contract: "SystemReserve",
    signature: "addCondition(address)",
    role: "GOVERNANCE",
    worstCase:
      "A condition that is always true opens the reserve: 3 days and 2 days later, 1% at a time, 5% in 30 days, to modules only.",
  },
  {
    contract: "SystemReserve",
    signature: "removeCondition(address)",
    role: "GOVERNANCE",
    worstCase: "Draws that name it cannot be paid.",
  },
  {
    contract: "SystemReserve",
    signature: "request(address,uint96,address,string,uint48)",
    role: "GOVERNANCE",
    worstCase:
      "A module gets 1% of the reserve while a condition is true, and returns what it does not use.",
  },
  {
    contract: "SystemReserve",
    signature: "withdrawRequest(uint256)",
    role: "GOVERNANCE",
    worstCase: "A draw is not paid.",
  },
  {
    contract: "StageCapCondition",
    signature: "announce(bytes32,uint256)",
    role: "GOVERNANCE",
    worstCase:
      "The share that opens the reserve moves by a fifth, between 5% and 90%, once a week and 48 hours ahead.",
  },
  {
    contract: "StageCapCondition",
    signature: "withdrawAnnouncement(bytes32)",
    role: "GOVERNANCE",
    worstCase: "An announced share does not come.",
  },
  {
    contract: "SystemDirectory",
    signature: "register(bytes32,address,bytes4)",
    role: "GOVERNANCE",
    worstCase: "A wrong contract counts as a module: proposals call it and draws pay it.",
  },
  ...Object.entries(PAUSABLE).flatMap(([contract, stopped]): Permission[] => [
    {
      contract: contract as keyof typeof PAUSABLE,
      signature: "pause(bytes20,uint48)",
      role: "PAUSE_GUARDIAN",
      worstCase: `For 72 hours in each 10 days ${stopped}; exits go on.`,
    },
    {
      contract: contract as keyof typeof PAUSABLE,
      signature: "movePause(uint48)",
      role: "GOVERNANCE",
      worstCase: `A running pause ends, or ${stopped} until 30 days after it began; exits go on.`,
    },
  ]),
];
