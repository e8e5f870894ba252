import { getAddress } from "ethers";

import { compareLines, type Line } from "../../sdk/statements/statement.js";

/** Use of one resource, as a gateway counts it call by call. */
export interface ServedUse {
  readonly account: string;
  readonly provider: string;
  readonly resource: bigint;
  readonly units: bigint;
}

interface Total {
  readonly provider: string;
  readonly resource: bigint;
  used: bigint;
  settled: bigint;
}

/** Adds raw use up to running totals, and knows how much of each is settled. Kept in memory only. */
export class RunningTotals {
  readonly #totals = new Map<string, Map<string, Total>>();

  /** Counts one use. Use of nothing is passed over. */
  record({ account, provider, resource, units }: ServedUse): void {
    if (units < 0n) throw new Error(`Use cannot be negative, and ${units} units is.`);
    if (units === 0n) return;
    this.#totalOf(account, provider, resource).used += units;
  }

  /**
   * Remembers that these running totals are settled. A total below the known settled total has no
   * effect.
   */
  markSettled(account: string, lines: readonly Line[]): void {
    for (const { provider, resource, cumulativeUnits } of lines) {
      const total = this.#totalOf(account, provider, resource);
      if (cumulativeUnits > total.settled) total.settled = cumulativeUnits;
      if (cumulativeUnits > total.used) total.used = cumulativeUnits;
    }
  }

  /** All running totals of an account, in the order of a statement. */
  linesOf(account: string): Line[] {
    return this.#linesOf(account, () => true);
  }

  /** Running totals of an account that have grown since they were last settled, in the order of a statement. */
  unsettledOf(account: string): Line[] {
    return this.#linesOf(account, ({ used, settled }) => used > settled);
  }

  /** Accounts with any use, in order of their first. */
  accounts(): string[] {
    return [...this.#totals.keys()];
  }

  #linesOf(account: string, isWanted: (total: Total) => boolean): Line[] {
    return [...(this.#totals.get(getAddress(account))?.values() ?? [])]
      .filter(isWanted)
      .map(({ provider, resource, used }) => ({ provider, resource, cumulativeUnits: used }))
      .sort(compareLines);
  }

  #totalOf(account: string, provider: string, resource: bigint): Total {
    const owner = getAddress(account);
    const server = getAddress(provider);
    const totals = this.#totals.get(owner) ?? new Map<string, Total>();
    this.#totals.set(owner, totals);

    const key = `${server} ${resource}`;
    const total = totals.get(key) ?? { provider: server, resource, used: 0n, settled: 0n };
    totals.set(key, total);
    return total;
  }
}
