/** Burned and released by epoch, with the bounds of the vault (OBS-2). */
import type { Head } from "./chain.js";
import { readParameter, type Parameter } from "./parameters.js";
import type { Suite } from "./suite.js";

/** Most epochs that the page reads at once; the lens allows 100. */
export const EPOCHS_A_PAGE = 60;

/** An epoch of the loop. Amounts are OPA wei. */
export interface LoopEpoch {
  readonly epoch: bigint;
  /** First second. */
  readonly start: bigint;
  readonly burned: bigint;
  readonly released: bigint;
  readonly allotment: bigint;
  /** Largest share of the epoch's burn that it can release; zero until the epoch is closed. */
  readonly kappaBps: bigint;
  /** κ × burned, the first bound. */
  readonly burnBound: bigint;
  /** Share of the vault's own funds that an epoch can release, the second bound. */
  readonly stageCap: bigint;
  readonly votes: bigint;
  readonly isRunning: boolean;
}

/** The loop over some epochs, and the present. */
export interface LoopView {
  readonly epochs: readonly LoopEpoch[];
  readonly current: bigint;
  /** Last second of the running epoch, plus one. */
  readonly endsAt: bigint;
  /** Basis points. */
  readonly kappa: Parameter;
  readonly burned: bigint;
  readonly staked: bigint;
  readonly locked: bigint;
  readonly votes: bigint;
  readonly lockRatioBps: bigint;
  /** Funds of the vault, and its largest release. */
  readonly own: bigint;
  readonly drawn: bigint;
  readonly released: bigint;
  readonly room: bigint;
  readonly isReleasing: boolean;
}

/** A page of epochs that ends with `last`, or with the running one. */
export async function readLoop(suite: Suite, head: Head, last?: bigint): Promise<LoopView> {
  const { lens, incentiveVault, meter } = suite;
  const at = { blockTag: head.number };
  const [current, genesis, duration, kappaName] = await Promise.all([
    meter.currentEpoch(at),
    meter.GENESIS(at),
    meter.EPOCH_DURATION(at),
    incentiveVault.KAPPA(at),
  ]);
  const to = last === undefined || last > current ? current : last;
  const page = BigInt(EPOCHS_A_PAGE - 1);
  const from = to > page ? to - page : 0n;
  const numbers = Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));
  const [{ epochs, state }, closings, kappa, funds, isReleasing] = await Promise.all([
    lens.loop(from, to, [], at),
    Promise.all(numbers.map((epoch) => incentiveVault.closingOf(epoch, at))),
    readParameter(incentiveVault, kappaName, at),
    incentiveVault.fundsOf(at),
    incentiveVault.isReleasing(at),
  ]);

  return {
    epochs: epochs.map((record, i): LoopEpoch => {
      const kappaBps = closings[i]?.kappaBps ?? 0n;
      return {
        epoch: record.epoch,
        start: genesis + record.epoch * duration,
        burned: record.burned,
        released: record.released,
        allotment: record.allotment,
        kappaBps,
        burnBound: (record.burned * kappaBps) / 10_000n,
        stageCap: closings[i]?.stageCap ?? 0n,
        votes: record.votes,
        isRunning: record.epoch === current,
      };
    }),
    current,
    endsAt: genesis + (current + 1n) * duration,
    kappa,
    burned: state.burned,
    staked: state.staked,
    locked: state.locked,
    votes: state.votes,
    lockRatioBps: state.lockRatioBps,
    own: funds.own,
    drawn: funds.drawn,
    released: funds.released,
    room: funds.room,
    isReleasing,
  };
}
