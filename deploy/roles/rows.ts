import { OPEN_FUNCTIONS } from "./open-functions.js";
import { PERMISSIONS, ROLES } from "./table.js";

/** Callers of a function, and its worst case. */
export interface RoleRow {
  contract: string;
  signature: string;
  caller: string;
  holder: string;
  delay: string;
  worstCase: string;
}

/** How long a decision of governance takes: the shortest vote and timelock that the bounds in code allow. */
export const DECIDED = "a vote and the timelock, 49 hours at least";

/** Rows of all functions that anybody decided about, with a role or without. */
export function decidedRows(): RoleRow[] {
  const open = Object.entries(OPEN_FUNCTIONS).flatMap(([contract, functions]) =>
    functions.map((entry) => ({ contract, holder: "–", delay: "–", ...entry })),
  );
  const guarded = PERMISSIONS.map(({ contract, signature, role, worstCase }) => {
    const { holder } = ROLES[role];
    return { contract, signature, caller: role, holder, delay: delayOf(holder), worstCase };
  });
  return [...open, ...guarded];
}

/** How long a decision of this holder waits. */
export function delayOf(holder: string): string {
  return holder === "SystemTimelock" ? DECIDED : "none";
}
