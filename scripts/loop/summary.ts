import { formatEther } from "ethers";

import { DAYS_SINCE_GENESIS, EPOCHS, PERIODS_PER_EPOCH } from "./calendar.js";
import { CONTRIBUTIONS } from "../../deploy/parameters/schema.js";
import type { Governance, SupplyParts } from "./governance.js";
import type { Incentives } from "./incentives.js";
import type { LoopResult } from "./loop.js";
import { nothing, type Amounts } from "./expected.js";

/** The figures of a run for programs: every number is a decimal string. */
export interface LoopFigures {
  readonly calls: string;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly computeUnits: string;
  readonly burnedWei: string;
  /** By the name of the resource and the epoch. */
  readonly unitPriceWei: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly statements: string;
  readonly lines: string;
  readonly transactions: string;
  readonly gasUsed: string;
  readonly gasPerCall: string;
  readonly supply: {
    readonly initial: string;
    readonly burned: string;
    readonly total: string;
    readonly unvested: string;
    readonly credit: string;
    readonly reserved: string;
  };
  /** Statements shown again or too late, which burned nothing. */
  readonly stale: {
    readonly statements: string;
    readonly transactions: string;
    readonly gasUsed: string;
  };
  readonly incentives: {
    readonly releasedWei: string;
    readonly claimedWei: string;
    readonly owedWei: string;
    readonly remainingWei: string;
    readonly atStakeWei: string;
    readonly slashedWei: string;
    /** By epoch: burn, κ in basis points, and release. */
    readonly epochs: Readonly<
      Record<string, { burnedWei: string; kappaBps: string; releasedWei: string }>
    >;
  };
  readonly governance: {
    readonly lockedWei: string;
    readonly kappaBefore: string;
    readonly kappaAfter: string;
    readonly burnedWei: string;
    readonly drawnWei: string;
    /** Where the supply is at the end, in wei; the parts add up to the initial supply. */
    readonly supply: Readonly<Record<keyof SupplyParts, string>>;
  };
  readonly sumsChecked: string;
}

/** The figures of a run for programs. Compares burns and use with the chain. */
export function listFigures(result: LoopResult): LoopFigures {
  const { facts, incentives, input, output, reckoning, settled, stale } = result;
  const burned = facts.initialSupply - facts.totalSupply;
  return {
    calls: `${reckoning.calls}`,
    inputTokens: `${facts.byResource.get(input.resource)?.allTime.units ?? 0n}`,
    outputTokens: `${facts.byResource.get(output.resource)?.allTime.units ?? 0n}`,
    computeUnits: `${facts.total.allTime.computeUnits}`,
    burnedWei: `${burned}`,
    unitPriceWei: Object.fromEntries(
      [input, output].map((tariff) => [
        tariff.name,
        Object.fromEntries(
          listPrices(result, tariff.resource).map(({ epoch, unitPrice }) => [
            epoch,
            `${unitPrice}`,
          ]),
        ),
      ]),
    ),
    statements: `${settled.statements}`,
    lines: `${facts.events.settledLines}`,
    transactions: `${settled.transactions}`,
    gasUsed: `${settled.gas}`,
    gasPerCall: `${settled.gas / reckoning.calls}`,
    supply: {
      initial: `${facts.initialSupply}`,
      burned: `${burned}`,
      total: `${facts.totalSupply}`,
      unvested: `${facts.unreleased}`,
      credit: `${facts.free}`,
      reserved: `${facts.reserved}`,
    },
    stale: {
      statements: `${stale.statements}`,
      transactions: `${stale.transactions}`,
      gasUsed: `${stale.gas}`,
    },
    incentives: {
      releasedWei: `${incentives.released}`,
      claimedWei: `${incentives.claimed}`,
      owedWei: `${incentives.owed}`,
      remainingWei: `${incentives.remaining}`,
      atStakeWei: `${incentives.staking.atStake}`,
      slashedWei: `${incentives.staking.slashed}`,
      epochs: Object.fromEntries(
        incentives.epochs.map(
          ({ epoch, burned, kappaBps, released }) =>
            [
              `${epoch}`,
              { burnedWei: `${burned}`, kappaBps: `${kappaBps}`, releasedWei: `${released}` },
            ] as const,
        ),
      ),
    },
    governance: {
      lockedWei: `${result.governance.locked}`,
      kappaBefore: `${result.governance.kappaBefore}`,
      kappaAfter: `${result.governance.kappaAfter}`,
      burnedWei: `${result.governance.burned}`,
      drawnWei: `${result.governance.drawn}`,
      supply: Object.fromEntries(
        Object.entries(result.governance.supply).map(([part, wei]) => [part, String(wei)] as const),
      ) as Record<keyof SupplyParts, string>,
    },
    sumsChecked: `${result.sums}`,
  };
}

/** The figures of a run for people. */
export function renderReport(result: LoopResult): string {
  const { facts, input, output, reckoning, settled, settledLate, stale } = result;
  const burned = facts.initialSupply - facts.totalSupply;
  const { byProvider, byEpoch, callsByProvider, callsByEpoch } = reckoning;
  const header = ["calls", "tokens", "compute units", "OPA burned"];

  return [
    "",
    `The chain begins ${DAYS_SINCE_GENESIS} days after its first epoch, so that every release curve has begun to pay.`,
    `The trace, from its first call to its last, is stretched evenly over ${EPOCHS} whole epochs with`,
    `${PERIODS_PER_EPOCH} settlement periods each. Use is signed in the last second of its period, at the price of that`,
    "epoch, and settled when the next period begins; so the last period of an epoch settles in the",
    "next epoch, at the price of the one before.",
    "",
    ...list([
      ["calls", group(reckoning.calls)],
      [input.name, group(reckoning.inputTokens)],
      [output.name, group(reckoning.outputTokens)],
      ["compute units", group(facts.total.allTime.computeUnits)],
      ["OPA charged", opa(facts.total.allTime.burned)],
      ["OPA burned", opa(burned)],
    ]),
    "",
    ...list([
      [
        "statements settled",
        `${group(settled.statements)} with ${group(settled.lines)} lines in ${group(settled.transactions)} transactions`,
      ],
      [
        "of them an epoch later",
        `${group(settledLate.statements)} with ${group(settledLate.lines)} lines`,
      ],
      [
        "shown again or too late",
        `${group(stale.statements)} in ${group(stale.transactions)} transactions; they burned nothing`,
      ],
      [
        "gas for settling",
        `${group(settled.gas)}, which is ${group(settled.gas / reckoning.calls)} per call`,
      ],
      ["gas for old statements", group(stale.gas)],
      [
        "organisations",
        `${result.organisations} of ${reckoning.byAccount.size} accounts sign by a key of a project, within limits`,
      ],
      ...result.refusals.map(({ what, reason }): [string, string] => [
        "refused",
        `${what}: ${reason}, by authorize and settlement alike`,
      ]),
    ]),
    "",
    ...table(["provider", ...header], listUse(callsByProvider, byProvider)),
    "",
    ...table(["price epoch", ...header], listUse(callsByEpoch, byEpoch)),
    "",
    ...table(
      ["OPA per token", ...listPrices(result, input.resource).map(({ epoch }) => `epoch ${epoch}`)],
      [input, output].map(({ name, resource }) => [
        name,
        ...listPrices(result, resource).map(({ unitPrice }) => opa(unitPrice)),
      ]),
    ),
    "",
    ...list([
      ["supply at first", `${opa(facts.initialSupply)} OPA`],
      ["supply now", `${opa(facts.totalSupply)} OPA`],
      ["unvested", `${opa(facts.unreleased)} OPA in ${facts.schedules} schedules`],
      ["claimed at the end", `${opa(result.claimedAtEnd)} OPA`],
      ["credit", `${opa(facts.free)} OPA`],
      ["reserved", `${opa(facts.reserved)} OPA`],
      ["holders", `${facts.holders}`],
    ]),
    "",
    ...renderIncentives(result.incentives),
    "",
    ...renderGovernance(result.governance),
    "",
    result.mismatches.length === 0
      ? `All ${group(BigInt(result.sums))} sums match to the wei.`
      : `${result.mismatches.length} of ${result.sums} sums do not match.`,
  ].join("\n");
}

/** Decisions, and the parts of the supply at the end. */
function renderGovernance(governance: Governance): string[] {
  const { supply } = governance;
  return [
    ...list([
      [
        "locked",
        `${opa(governance.locked)} OPA for two years, ${opa(governance.votes)} votes at first`,
      ],
      [
        "decided",
        `κ from ${governance.kappaBefore / 100n}% to ${governance.kappaAfter / 100n}%, with ${opa(governance.forVotes)} votes for it; the quorum was ${opa(governance.quorum)}`,
      ],
      ["limit of burns", `a line waited a day: ${governance.heldBack}`],
      [
        "reserve",
        `refused while not needed (${governance.refusal}), then paid ${opa(governance.drawn)} OPA to the incentive vault`,
      ],
      ["burned beside the trace", `${opa(governance.burned)} OPA, so that the reserve was needed`],
    ]),
    "",
    "The supply, in one read:",
    ...list([
      ["burned", `${opa(supply.burned)} OPA`],
      ["unvested", `${opa(supply.unvested)} OPA`],
      ["pool", `${opa(supply.pool)} OPA`],
      ["reserve", `${opa(supply.reserve)} OPA`],
      ["credit", `${opa(supply.credit)} OPA`],
      ["staked", `${opa(supply.staked)} OPA`],
      ["locked", `${opa(supply.locked)} OPA`],
      ["circulating", `${opa(supply.circulating)} OPA`],
      ["together", `${opa(sumOfParts(supply))} OPA`],
    ]),
  ];
}

/** All parts of the supply, the burned one included. */
function sumOfParts(supply: SupplyParts): bigint {
  const { burned, unvested, pool, reserve, credit, staked, locked, circulating } = supply;
  return burned + unvested + pool + reserve + credit + staked + locked + circulating;
}

/** Rewards and losses of contributions. */
function renderIncentives(incentives: Incentives): string[] {
  const { epochs, staking } = incentives;
  const named = CONTRIBUTIONS.map((name, category) => ({ name, category })).filter(({ category }) =>
    epochs.some(({ points }) => points[category] !== 0n),
  );
  return [
    ...table(
      ["epoch", "OPA burned", "κ", "OPA released", ...named.map(({ name }) => `for ${name}`)],
      epochs.map(({ epoch, burned, kappaBps, released, points, releasedFor }) => [
        `${epoch}`,
        opa(burned),
        `${kappaBps / 100n}%`,
        opa(released),
        ...named.map(({ name, category }) => {
          const earned = opa(releasedFor[category] ?? 0n);
          return name === "provision"
            ? earned
            : `${earned} (${group(points[category] ?? 0n)} points)`;
        }),
      ]),
    ),
    "",
    ...list([
      ["released", `${opa(incentives.released)} OPA, never more than κ of what was burned`],
      [
        "claimed",
        `${opa(incentives.claimed)} OPA, of it ${opa(incentives.claimedIntoStake)} into stake`,
      ],
      ["owed and not claimed", `${opa(incentives.owed)} OPA`],
      ["left in the vault", `${opa(incentives.remaining)} OPA`],
      ["at stake", `${opa(staking.atStake)} OPA`],
      [
        "slashed, to the reserve",
        `${opa(staking.slashed)} OPA; it holds ${opa(incentives.reserve)} OPA`,
      ],
      ["left and was paid out", `${opa(staking.returned)} OPA, 21 days later`],
    ]),
  ];
}

/** Unit prices on the chain, by ascending epoch. */
function listPrices({ facts }: LoopResult, resource: bigint) {
  return facts.prices
    .filter((price) => price.resource === resource)
    .sort((a, b) => Number(a.epoch - b.epoch));
}

function listUse<Key extends string | bigint>(
  calls: ReadonlyMap<Key, bigint>,
  amounts: ReadonlyMap<Key, Amounts>,
): string[][] {
  return [...calls].map(([key, made]) => {
    const { units, computeUnits, burned } = amounts.get(key) ?? nothing();
    return [String(key), group(made), group(units), group(computeUnits), opa(burned)];
  });
}

function opa(wei: bigint): string {
  const [whole = "0", fraction = "0"] = formatEther(wei).split(".");
  return fraction === "0" ? group(BigInt(whole)) : `${group(BigInt(whole))}.${fraction}`;
}

function group(number: bigint): string {
  return number.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

function list(entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  "),
  );
}
