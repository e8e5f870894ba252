import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { id } from "ethers";

import AccessModule from "./Access.js";
import type { incentivesModule } from "./Incentives.js";
import type { meteringModule } from "./Metering.js";
import NodesModule from "./Nodes.js";
import type { releaseModule } from "./Release.js";
import type { resourcesModule } from "./Resources.js";

/** Role that the AccessManager gives to whoever may grant roles and change this table. */
export const ADMIN_ROLE = 0n;

/** A role of the suite. No holder has an execution delay: the timelock has its own, the meter needs none. */
export interface Role {
  id: bigint;
  holder: "TimelockController" | "Settlement" | "Attestations" | "NodeSlashing";
  note: string;
}

/** One function that is not open to everyone, and what its holder could do at worst. */
export interface Permission {
  contract:
    | "ReleaseVault"
    | "ResourceRegistry"
    | "ServiceAccounts"
    | "AccessPolicy"
    | "NodeRegistry"
    | "NodeSlashing"
    | "IncentivePool"
    | "Attestations";
  signature: string;
  role: RoleName;
  worstCase: string;
}

export type RoleName = "METER" | "GOVERNANCE" | "REGISTRAR" | "RECORDER" | "SLASHER" | "REPORTER";

/** Every role besides ADMIN. */
export const ROLES: Record<RoleName, Role> = {
  METER: {
    id: 1n,
    holder: "Settlement",
    note: "Charges credit and counts use; each module keeps the decision as a flag that `syncMeter` copies.",
  },
  GOVERNANCE: {
    id: 2n,
    holder: "TimelockController",
    note: "Decides what was proposed, after the delay of the timelock.",
  },
  REGISTRAR: {
    id: 3n,
    holder: "TimelockController",
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
    note: "Slashes for what was proven, or announced and not vetoed.",
  },
  REPORTER: {
    id: 6n,
    holder: "TimelockController",
    note: "Announces faults of nodes; governance may name a reporter of its own.",
  },
};

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
    worstCase: "A resource nobody wants takes one of 512 ids; what exists keeps weight and price.",
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
      "A deprecated resource has no price from the next epoch on; earlier use stays settleable.",
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
    worstCase: "A policy can be chosen that should not be; alone it moves nothing.",
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
    signature: "report(uint32[],uint256[],address[],uint256[])",
    role: "METER",
    worstCase: "Use that never happened is counted; no credit moves.",
  },
  {
    contract: "ServiceAccounts",
    signature: "registerAccessPolicy(address)",
    role: "GOVERNANCE",
    worstCase: "A policy can be chosen that should not be; alone it grants nothing.",
  },
  {
    contract: "ServiceAccounts",
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
    contract: "ServiceAccounts",
    signature: "chargeCredit(address,address,uint256[])",
    role: "METER",
    worstCase:
      "Credit is burned that nobody signed for, within all limits of its organisation; none can be taken.",
  },
  {
    contract: "NodeRegistry",
    signature: "slash(address,uint16)",
    role: "SLASHER",
    worstCase:
      "In any 7 days 10% of a node and 5% of all stake goes to the reserve, and nowhere else.",
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
    worstCase: "14 days later, unless vetoed, a node that did nothing is slashed within the caps.",
  },
  {
    contract: "NodeSlashing",
    signature: "vetoFault(uint256)",
    role: "GOVERNANCE",
    worstCase: "A fault that was real goes unpunished.",
  },
  {
    contract: "IncentivePool",
    signature: "recordPoints(address,uint8,uint256)",
    role: "RECORDER",
    worstCase:
      "The shares of attested categories go to the wrong accounts; provision and κ × burned stand.",
  },
  {
    contract: "IncentivePool",
    signature: "announce(bytes32,uint256)",
    role: "GOVERNANCE",
    worstCase: "κ moves by a fifth, between 10% and 90%, once a week and 48 hours ahead.",
  },
  {
    contract: "IncentivePool",
    signature: "withdrawAnnouncement(bytes32)",
    role: "GOVERNANCE",
    worstCase: "An announced κ does not come.",
  },
  {
    contract: "Attestations",
    signature: "defineKind((string,uint8,uint32,uint48,uint8,address[]))",
    role: "GOVERNANCE",
    worstCase: "As recordPoints, for whomever the verifiers named sign.",
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
    worstCase: "Contributions of a kind can no longer be recorded; what was recorded stands.",
  },
];

/**
 * Roles: consumes everything, comes last. Writes the table in one transaction, copies the METER flags, then hands the
 * ADMIN role to the timelock and takes it from the deployer in one transaction.
 */
export function rolesModule(
  release: ReturnType<typeof releaseModule>,
  resources: ReturnType<typeof resourcesModule>,
  incentives: ReturnType<typeof incentivesModule>,
  metering: ReturnType<typeof meteringModule>,
) {
  return buildModule("Roles", (m) => {
    const { accessManager, timelock } = m.useModule(AccessModule);
    const { vault } = m.useModule(release);
    const { registry } = m.useModule(resources);
    const { nodes, slashing } = m.useModule(NodesModule);
    const { pool, attestations } = m.useModule(incentives);
    const { accessPolicy, accounts, settlement } = m.useModule(metering);
    const targets = {
      ReleaseVault: vault,
      ResourceRegistry: registry,
      ServiceAccounts: accounts,
      AccessPolicy: accessPolicy,
      NodeRegistry: nodes,
      NodeSlashing: slashing,
      IncentivePool: pool,
      Attestations: attestations,
    };
    const holders = {
      TimelockController: timelock,
      Settlement: settlement,
      Attestations: attestations,
      NodeSlashing: slashing,
    };
    const encode = (name: string, args: Parameters<typeof m.call>[2], callId: string) =>
      m.encodeFunctionCall(accessManager, name, args, { id: callId });

    const roles = Object.entries(ROLES).flatMap(([name, role]) => [
      encode("labelRole", [role.id, name], `label_${name}`),
      encode("grantRole", [role.id, holders[role.holder], 0n], `grant_${name}`),
    ]);
    const permissions = PERMISSIONS.map(({ contract, signature, role }) => {
      const selectors = [id(signature).slice(0, 10)];
      const callId = `permit_${contract}_${signature.slice(0, signature.indexOf("("))}`;
      const args = [targets[contract], selectors, ROLES[role].id];
      return encode("setTargetFunctionRole", args, callId);
    });
    const table = m.call(accessManager, "multicall", [[...roles, ...permissions]], {
      id: "setTable",
      after: [release, incentives, metering],
    });

    const synced = [
      m.call(registry, "syncMeter", [settlement], { id: "syncRegistry", after: [table] }),
      m.call(accounts, "syncMeter", [settlement], { id: "syncAccounts", after: [table] }),
    ];
    const handOver = [
      encode("grantRole", [ADMIN_ROLE, timelock, 0n], "grantAdmin"),
      encode("renounceRole", [ADMIN_ROLE, m.getAccount(0)], "renounceAdmin"),
    ];
    m.call(accessManager, "multicall", [handOver], { id: "handOver", after: synced });

    return { accessManager };
  });
}
