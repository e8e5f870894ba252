/** Rights and their delays: the published table, compared with the chain. */
import { getAddress, id } from "ethers";

import { ADMIN_ROLE, PERMISSIONS, ROLES, type RoleName } from "../../../deploy/roles/table.js";
import type { DecodedEvent, Scope } from "../events/logs.js";
import type { Head } from "./chain.js";
import type { Suite } from "./suite.js";

/** Somebody who has a role. */
export interface Holder {
  readonly account: string;
  /** Name of the module at the address, if it is one. */
  readonly name: string | undefined;
  /** Seconds from a call to its effect. */
  readonly delay: bigint;
}

/** A role with its holders. */
export interface RoleView {
  readonly name: string;
  readonly id: bigint;
  readonly note: string;
  readonly holders: readonly Holder[];
}

/** A function that not everyone can call. */
export interface RightView {
  readonly contract: string;
  readonly function: string;
  /** The role that the chain asks for. */
  readonly role: string;
  /** Whether that is the role in the published table. */
  readonly isAsPublished: boolean;
  readonly worstCase: string;
}

/** Rights of roles. */
export interface RightsView {
  /** Seconds that every decision waits in the timelock. */
  readonly timelockDelay: bigint;
  /** Who can cancel proposals, and until when. */
  readonly proposalGuardian: string;
  readonly guardianExpiresAt: bigint;
  readonly roles: readonly RoleView[];
  readonly rights: readonly RightView[];
}

const ADMIN_NOTE = "Grants roles and changes who may call what.";

/** Events that tell who was given a role. */
export function rightsScope({ accessManager, modules }: Suite): Scope {
  return {
    name: "rights",
    sources: [
      {
        address: modules.get("access-manager") ?? "",
        contract: accessManager.interface,
        events: ["RoleGranted", "RoleRevoked"],
      },
    ],
  };
}

/**
 * Rights at a block. `stageCap` is the address of that condition, which the directory does not
 * list.
 */
export async function readRights(
  suite: Suite,
  { number }: Head,
  events: readonly DecodedEvent[],
  stageCap: string | undefined,
): Promise<RightsView> {
  const { accessManager, governor, timelock } = suite;
  const at = { blockTag: number };
  const timelockDelay = (await timelock.getFunction("getMinDelay")(at)) as bigint;
  const [proposalGuardian, guardianExpiresAt, roles, rights] = await Promise.all([
    governor.getFunction("proposalGuardian")(at) as Promise<string>,
    governor.getFunction("guardianExpiresAt")(at) as Promise<bigint>,
    readRoles(suite, at, events, timelockDelay),
    Promise.all(
      PERMISSIONS.map(async ({ contract, signature, role, worstCase }) => {
        const selector = id(signature).slice(0, 10);
        const target = addressOf(suite, contract, stageCap);
        const asked =
          target === undefined
            ? undefined
            : ((await accessManager.getFunction("getTargetFunctionRole")(
                target,
                selector,
                at,
              )) as bigint);
        return {
          ...{ contract, worstCase, function: signature },
          role: asked === undefined ? role : nameOf(asked),
          isAsPublished: asked === undefined || asked === ROLES[role].id,
        };
      }),
    ),
  ]);
  return { timelockDelay, proposalGuardian, guardianExpiresAt, roles, rights };
}

async function readRoles(
  { accessManager, modules }: Suite,
  at: { readonly blockTag: number },
  events: readonly DecodedEvent[],
  timelockDelay: bigint,
): Promise<RoleView[]> {
  const names = new Map([...modules].map(([name, address]) => [getAddress(address), name]));
  const granted = new Map<bigint, Set<string>>();
  for (const { name, args } of events) {
    if (name !== "RoleGranted") continue;
    const role = args["roleId"] as bigint;
    granted.set(role, (granted.get(role) ?? new Set()).add(String(args["account"])));
  }
  const all: [string, bigint, string][] = [
    ["ADMIN", ADMIN_ROLE, ADMIN_NOTE],
    ...Object.entries(ROLES).map(([name, { id: number, note }]): [string, bigint, string] => [
      name,
      number,
      note,
    ]),
  ];
  return Promise.all(
    all.map(async ([name, number, note]) => {
      const asked = [...(granted.get(number) ?? [])].map(async (account) => {
        const [isMember, delay] = (await accessManager.getFunction("hasRole")(
          number,
          account,
          at,
        )) as [boolean, bigint];
        const module = names.get(getAddress(account));
        return {
          account,
          name: module,
          isMember,
          delay: module === "timelock" ? delay + timelockDelay : delay,
        };
      });
      const holders = (await Promise.all(asked)).filter(({ isMember }) => isMember);
      return { name, id: number, note, holders };
    }),
  );
}

function nameOf(role: bigint): string {
  const found = (Object.keys(ROLES) as RoleName[]).find((name) => ROLES[name].id === role);
  return role === ADMIN_ROLE ? "ADMIN" : (found ?? `role ${role}`);
}

/** Address of a contract of the table. */
function addressOf(
  { modules }: Suite,
  contract: string,
  stageCap: string | undefined,
): string | undefined {
  if (contract === "StageCapCondition") return stageCap;
  if (contract === "OPAGovernor") return modules.get("governor");
  return modules.get(contract.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase());
}
