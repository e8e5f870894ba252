/**
 * Joins the permission table with the functions that need no role, and checks both against the
 * interfaces of the contracts. A function without an entry stops the build (ACL-I1).
 */
import hre from "hardhat";
import type { InterfaceAbi } from "ethers";

import { readAbi } from "../lib/abis.js";
import { interfaceOf } from "../lib/artifacts.js";
import { AUTHORITY } from "./open-functions.js";
import { DECIDED, decidedRows, delayOf, type RoleRow } from "./rows.js";
import { ROLES } from "./table.js";

/**
 * Rows for every state-changing function of these contracts, in the order of their names. Throws if a function has no
 * decision, two, or one for a function that does not exist.
 */
export function listRoleRows(abis: Readonly<Record<string, InterfaceAbi>>): RoleRow[] {
  const rows: RoleRow[] = [];
  const decided = decidedRows();
  for (const contract of Object.keys(abis).sort()) {
    for (const signature of stateChanging(abis[contract] ?? [])) {
      const matching = decided.filter(
        (row) => row.contract === contract && row.signature === signature,
      );
      const [row] = matching;
      if (!row) throw new Error(`${contract}.${signature} has no row in the role table.`);
      if (matching.length > 1) throw new Error(`${contract}.${signature} has several rows.`);
      rows.push(row);
    }
  }

  const stale = decided.find((row) => !rows.includes(row));
  if (stale) throw new Error(`${stale.contract}.${stale.signature} has a row but does not exist.`);
  return rows;
}

/** The interfaces of every contract of ours that can be deployed; the Meter's extension answers at the address of the Meter. */
export async function readOwnAbis(): Promise<Record<string, InterfaceAbi>> {
  const abis: Record<string, InterfaceAbi> = {};
  for (const name of await hre.artifacts.getAllFullyQualifiedNames()) {
    if (!name.startsWith("contracts/")) continue;
    const { bytecode, contractName } = await hre.artifacts.readArtifact(name);
    if (bytecode === "0x" || contractName === "MeterExtension") continue;
    const abi = await readAbi(contractName);
    if (stateChanging(abi).length > 0) abis[contractName] = abi;
  }
  return abis;
}

/** The role table as the document `docs/roles.md`. */
export async function renderRoleTable(): Promise<string> {
  const rows = listRoleRows(await readOwnAbis());
  const contracts = [...new Set(rows.map(({ contract }) => contract))];
  const lines = [
    "# Roles",
    "",
    "Generated from `deploy/roles/table.ts` and the interfaces of the contracts; do not edit.",
    "",
    "| Role | Id | Holder | Execution delay | Admin | Guardian | Purpose |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    `| ADMIN | 0 | SystemTimelock | ${DECIDED} | ADMIN | ADMIN | Grants roles, changes this table. |`,
    ...Object.entries(ROLES).map(
      ([name, { id, holder, note }]) =>
        `| ${name} | ${id.toString()} | ${holder} | ${delayOf(holder)} | ADMIN | ADMIN | ${note} |`,
    ),
    "",
    "The timelock alone administers itself, the Governor alone proposes to it, and anyone may execute a decision after its delay. The pause",
    "guardian is named in the parameter file. The deployer holds nothing.",
  ];
  for (const contract of contracts) {
    lines.push("", `## ${contract}`, "");
    lines.push("| Function | Who may call | Holder | Delay | At worst |");
    lines.push("| --- | --- | --- | --- | --- |");
    for (const row of rows.filter((candidate) => candidate.contract === contract)) {
      const { signature, caller, holder, delay, worstCase } = row;
      lines.push(`| \`${signature}\` | ${caller} | ${holder} | ${delay} | ${worstCase} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Privileges that no role of the AccessManager gives: who holds them, and how long they wait. */
const PRIVILEGED: Readonly<Record<string, { who: string; holder: string; delay: string }>> = {
  "the Governor": {
    who: "the Governor",
    holder: "OPAGovernor",
    delay: "a vote, 25 hours at least",
  },
  itself: { who: "itself", holder: "SystemTimelock", delay: DECIDED },
  "the timelock, on a proposal": {
    who: "the timelock, on a proposal",
    holder: "SystemTimelock",
    delay: DECIDED,
  },
  "the proposer before the vote; the guardian of proposals in its term": {
    who: "guardian of proposals",
    holder: "named in the file, for a year",
    delay: "none",
  },
  "the reserve": { who: "the reserve", holder: "SystemReserve", delay: "none" },
  "the Meter": { who: "the Meter", holder: "Meter", delay: "none" },
  "the token": { who: "the token", holder: "OPAToken", delay: "none" },
  "the deployer, once": { who: "the deployer, once", holder: "deployer", delay: "none" },
};

/** First words for callers that act on their own assets, or need no right. */
const UNPRIVILEGED = [
  ...["admins of the account", "anyone", "nobody", "the account", "the beneficiary"],
  ...["the owner of a lock", "the provider", "the recipient", "who holds it", "whoever has"],
  ...["whom an admin nominated", "whom the provider nominated"],
];

/**
 * Table of every privilege with holder, delay and worst case, for `docs/trust-model.md`. Fails for
 * a caller that is neither listed as privileged nor as open.
 */
export async function renderPrivileges(rows?: readonly RoleRow[]): Promise<string> {
  const named = new Set<string>(Object.keys(ROLES));
  const lines = [
    "| who | held by | delay | can call | at worst |",
    "| --- | --- | --- | --- | --- |",
    `| ADMIN | SystemTimelock | ${DECIDED} | \`grantRole\`, \`setTargetFunctionRole\`, \`updateAuthority\` and all of the AccessManager | Any right below goes to somebody else; caps, bounds and exits are code and stay. |`,
  ];
  for (const row of rows ?? listRoleRows(await readOwnAbis())) {
    const { contract, signature, caller, worstCase } = row;
    if (caller === AUTHORITY.caller || UNPRIVILEGED.some((words) => caller.startsWith(words)))
      continue;
    const privilege = named.has(caller) ? { ...row, who: caller } : PRIVILEGED[caller];
    if (!privilege)
      throw new Error(
        `Nobody said whether ${contract}.${signature} for "${caller}" is a privilege.`,
      );
    const { who, holder, delay } = privilege;
    const name = `\`${contract}.${signature.slice(0, signature.indexOf("("))}\``;
    lines.push(`| ${who} | ${holder} | ${delay} | ${name} | ${worstCase} |`);
  }
  const [head = "", rule = "", ...body] = lines;
  return [head, rule, ...body.sort()].join("\n");
}

/** Signatures of the functions that can change state. */
function stateChanging(abi: InterfaceAbi): string[] {
  const signatures: string[] = [];
  interfaceOf(abi).forEachFunction((fragment) => {
    if (!fragment.constant) signatures.push(fragment.format("sighash"));
  });
  return signatures.sort();
}
