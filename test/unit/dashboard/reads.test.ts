import { expect } from "chai";
import { Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";

import type { DecodedEvent } from "../../../dashboard/src/events/logs.js";
import { billCsv, buildBill } from "../../../dashboard/src/reads/bill.js";
import { lengthOf, vestedOf } from "../../../dashboard/src/reads/curve.js";
import {
  ACCESS_MANAGER_ABI,
  GOVERNOR_ABI,
  TIMELOCK_ABI,
} from "../../../dashboard/src/reads/foreign.js";
import { decayOf, locksIn, LONGEST_LOCK, votesAt } from "../../../dashboard/src/reads/locks.js";
import { PROPOSAL_STATES, stepsOf, type Times } from "../../../dashboard/src/reads/proposals.js";
import { schedulesIn } from "../../../dashboard/src/reads/releases.js";
import { conditionsIn, incidentsIn } from "../../../dashboard/src/reads/safety.js";
import {
  deploymentInText,
  reducedManifest,
  requireUrl,
  settingsIn,
} from "../../../dashboard/src/reads/settings.js";
import * as model from "../../support/curve-model.js";

const OPA = 10n ** 18n;
const WEEK = 604_800n;
const A = "0x000000000000000000000000000000000000000A";
const B = "0x000000000000000000000000000000000000000b";

function event(
  name: string,
  args: Readonly<Record<string, unknown>>,
  transaction = "0x01",
): DecodedEvent {
  return { name, args, transaction, address: A, block: 1, index: 0 };
}

function line(
  [provider, resource, epoch]: readonly [string, bigint, bigint],
  cumulativeUnits: bigint,
  amount: bigint,
  transaction = "0x01",
): DecodedEvent {
  const args = { provider, resource, priceEpoch: epoch, cumulativeUnits, amount, signer: A };
  return event("LineSettled", args, transaction);
}

describe("reads of the page", function () {
  describe("bill", function () {
    it("counts units of running totals once, by epoch, provider and resource", async function () {
      const bill = await buildBill([
        line([A, 1n, 4n], 10n, 100n),
        line([A, 2n, 4n], 7n, 70n),
        line([A, 1n, 4n], 15n, 50n, "0x02"),
        line([A, 1n, 5n], 18n, 33n, "0x03"),
        line([B, 1n, 5n], 2n, 22n, "0x03"),
        event("CreditDeposited", { amount: 1n }),
      ]);

      expect(
        bill.rows.map(({ epoch, provider, resource, units, amount, lines }) => [
          ...[epoch, provider, resource, units, amount, lines],
        ]),
      ).to.deep.equal([
        [5n, A, 1n, 3n, 33n, 1],
        [5n, B, 1n, 2n, 22n, 1],
        [4n, A, 1n, 15n, 150n, 2],
        [4n, A, 2n, 7n, 70n, 1],
      ]);
      expect(bill.total).to.equal(275n);
      expect(bill.lines.map(({ units }) => units)).to.deep.equal([18n, 7n, 2n]);
      expect(bill.statements.map(({ transaction, lines }) => [transaction, lines])).to.deep.equal([
        ["0x03", 2],
        ["0x02", 1],
        ["0x01", 2],
      ]);
    });

    it("is CSV with amounts in OPA and in wei", async function () {
      const { rows } = await buildBill([
        line([A, 1n, 4n], 10n, OPA / 2n),
        line([A, 9n, 4n], 1n, 1n),
      ]);

      const csv = billCsv(
        rows,
        new Map([[1n, { name: "input, token", unit: "token" }]]),
        (epoch) => 1_767_225_600n + epoch * 86_400n,
      );

      expect(csv.split("\r\n")).to.deep.equal([
        "price epoch,epoch start (UTC),provider,resource,unit,units,amount (OPA),amount (wei),lines",
        `4,2026-01-05T00:00:00Z,${A},"input, token",token,10,0.5,500000000000000000,1`,
        `4,2026-01-05T00:00:00Z,${A},resource 9,unit,1,0.000000000000000001,1,1`,
        "",
      ]);
    });

    it("adds 100,000 lines up in slices", async function () {
      let pauses = 0;
      const lines = Array.from({ length: 100_000 }, (_, i) =>
        line([i % 2 === 0 ? A : B, BigInt(i % 4), BigInt(i >> 10)], BigInt(i), 2n, `${i}`),
      );

      const bill = await buildBill(lines, () => {
        pauses += 1;
        return Promise.resolve();
      });

      expect(bill.total).to.equal(200_000n);
      expect(pauses).to.be.greaterThan(1);
    });
  });

  describe("curve", function () {
    it("vests as the reference model says, at every step and between", function () {
      const curves: model.Stage[][] = [
        [{ offset: 0n, share: 1_000_000_000n, linear: false }],
        [
          { offset: 100n, share: 333_333_333n, linear: false },
          { offset: 400n, share: 1_000_000_000n, linear: true },
        ],
        [
          { offset: 0n, share: 100_000_000n, linear: false },
          { offset: 7n, share: 100_000_000n, linear: true },
          { offset: 9n, share: 1_000_000_000n, linear: false },
        ],
      ];
      for (const stages of curves) {
        const total = 123_456_789_012_345_678_901n;
        for (const time of model.timeGrid(stages))
          expect(vestedOf(stages, total, time)).to.equal(model.vestedOf(stages, total, time));
        expect(vestedOf(stages, total, -1n)).to.equal(0n);
        expect(vestedOf(stages, total, lengthOf(stages))).to.equal(total);
      }
    });
  });

  describe("schedules", function () {
    it("follow from their events, with the names of the distribution", function () {
      const label = `0x${Buffer.from("advisors").toString("hex").padEnd(64, "0")}`;
      const created = { curveId: 1n, total: 90n, start: 5n };
      const schedules = schedulesIn([
        event("ScheduleCreated", { id: 1n, beneficiary: A, ...created }),
        event("AllocationScheduled", { label, scheduleId: 1n }),
        event("ScheduleCreated", { id: 2n, beneficiary: B, ...created }),
        event("ScheduleClaimed", { id: 1n, amount: 10n }),
        event("ScheduleClaimed", { id: 1n, amount: 5n }),
        event("BeneficiaryChanged", { id: 1n, newBeneficiary: B }),
        event("ScheduleRevoked", { id: 2n, vested: 30n }),
      ]);

      expect(schedules).to.deep.equal([
        {
          ...{ id: 1n, allocation: "advisors", beneficiary: B, start: 5n, curve: 1n },
          ...{ total: 90n, claimed: 15n, revokedAt: undefined },
        },
        {
          ...{ id: 2n, allocation: "made later", beneficiary: B, start: 5n, curve: 1n },
          ...{ total: 90n, claimed: 0n, revokedAt: 30n },
        },
      ]);
    });
  });

  describe("locks", function () {
    it("follow from their events alone", function () {
      const locks = locksIn([
        event("Locked", { account: A, amount: 5n, end: 10n }),
        event("Locked", { account: B, amount: 7n, end: 11n }),
        event("DelegateChanged", { delegator: B, fromDelegate: B, toDelegate: A }),
        event("LockIncreased", { account: A, payer: B, amount: 1n, total: 6n }),
        event("LockExtended", { account: A, previousEnd: 10n, end: 20n }),
        event("LockHeld", { account: A, until: 15n }),
        event("LockWithdrawn", { account: B, amount: 7n }),
        event("Locked", { account: B, amount: 8n, end: 30n }),
      ]);

      expect(locks).to.deep.equal([
        { account: A, amount: 6n, end: 20n, heldUntil: 15n, delegatee: A },
        { account: B, amount: 8n, end: 30n, heldUntil: 0n, delegatee: A },
      ]);
      expect(locksIn([event("LockWithdrawn", { account: A, amount: 1n })])).to.deep.equal([]);
    });

    it("decay to nothing at their end", function () {
      const end = 200n * WEEK;
      const lock = { amount: 104n * OPA, end };

      expect(votesAt(lock, end - LONGEST_LOCK)).to.equal(104n * OPA);
      expect(votesAt(lock, end - WEEK)).to.equal(OPA);
      expect(votesAt(lock, end)).to.equal(0n);
      const decay = decayOf([lock, { amount: OPA, end: end - WEEK }], end - 2n * WEEK - 1n);
      expect(decay.map(({ time }) => end - time)).to.deep.equal([
        2n * WEEK + 1n,
        2n * WEEK,
        WEEK,
        0n,
      ]);
      expect(decay.at(-2)?.votes).to.equal(OPA);
      expect(decay.at(-1)?.votes).to.equal(0n);
      expect(decayOf([], 7n)).to.deep.equal([{ time: 7n, votes: 0n }]);
    });
  });

  describe("proposals", function () {
    const times = {
      ...{ snapshot: 20n, deadline: 30n, eta: 0n, createdAt: 10n },
      ...{ executedAt: undefined, canceledAt: undefined },
    };
    const namesOf = (changes: Partial<Times>, now: bigint) =>
      stepsOf({ ...times, state: 0n, ...changes }, now).map(
        ({ name, isDone }) => `${name}${isDone ? "" : "?"}`,
      );

    it("show which steps are done and which are to come", function () {
      expect(namesOf({}, 15n)).to.deep.equal([
        ...["proposed", "voting begins?", "voting ends?", "can be executed?", "executed?"],
      ]);
      const state = BigInt(PROPOSAL_STATES.Executed);
      expect(namesOf({ state, eta: 40n, executedAt: 41n }, 50n)).to.deep.equal([
        ...["proposed", "voting begins", "voting ends", "can be executed", "executed"],
      ]);
    });

    it("end where they were defeated or cancelled", function () {
      const defeated = BigInt(PROPOSAL_STATES.Defeated);
      const canceled = BigInt(PROPOSAL_STATES.Canceled);

      expect(namesOf({ state: defeated }, 50n).at(-1)).to.equal("defeated");
      expect(namesOf({ state: canceled, canceledAt: 25n }, 50n)).to.include("cancelled");
      expect(namesOf({ state: canceled, canceledAt: 15n }, 16n)).to.deep.equal([
        ...["proposed", "cancelled"],
      ]);
    });
  });

  it("know the conditions of the reserve that were not taken away again", function () {
    const kind = `0x${Buffer.from("stage-cap").toString("hex").padEnd(64, "0")}`;
    const set = (condition: string, registered: boolean) =>
      event("ConditionSet", { condition, kind, registered });

    expect(conditionsIn([set(A, true), set(B, true), set(A, false)])).to.deep.equal([
      { address: B, kind: "stage-cap" },
    ]);
  });

  it("tell what was paused, held back and drawn, the newest first", function () {
    const text = (of: string) => `0x${Buffer.from(of).toString("hex").padEnd(64, "0")}`;
    const until = 1_767_225_600n;
    const words = incidentsIn([
      event("Paused", { reason: text("incident").slice(0, 42), until }),
      event("PauseMoved", { until }),
      event("LimitTripped", {
        limit: text("claims"),
        demanded: 2n * OPA,
        available: OPA,
        clearsAt: until,
      }),
      event("ConditionSet", { kind: text("stage-cap"), registered: false }),
      event("NecessityObserved", { since: until }),
      event("NecessityObserved", { since: 0n }),
      event("DrawRequested", { id: 1n, amount: OPA, reason: "need" }),
      event("DrawDeferred", { id: 1n, amount: OPA, available: 0n }),
      event("DrawExecuted", { id: 1n, amount: OPA }),
      event("DrawWithdrawn", { id: 2n }),
    ]).map((incident) => incident.words);

    expect(words.reverse()).to.deep.equal([
      "A guardian paused a module until 2026-01-01 00:00 UTC: incident.",
      "Governance moved the end of a pause to 2026-01-01 00:00 UTC.",
      "The limit claims held 2 OPA back, with 1 OPA available; it clears at 2026-01-01 00:00 UTC.",
      "The condition stage-cap was removed.",
      "The reserve was seen to be needed since 2026-01-01 00:00 UTC.",
      "The reserve was seen not to be needed any more.",
      "Draw 1 of 1 OPA was decided: need.",
      "Draw 1 of 1 OPA had to wait; 0 OPA were available.",
      "Draw 1 was paid: 1 OPA.",
      "Draw 2 was withdrawn.",
    ]);
  });

  describe("settings", function () {
    const contracts = { SystemDirectory: { address: A }, Genesis: { address: B } };
    const manifest = { chainId: 31_337, deploymentBlock: 3, contracts };

    it("come from a manifest, of which addresses are kept alone", function () {
      const whole = { ...manifest, contracts: { ...contracts, Meter: { address: A, abi: [] } } };

      expect(reducedManifest(whole)).to.deep.equal(manifest);
      const { rpc, deployment } = settingsIn({ rpc: "http://127.0.0.1:8545", manifest });
      expect([rpc, deployment?.chainId, deployment?.deploymentBlock]).to.deep.equal([
        ...["http://127.0.0.1:8545", 31_337n, 3],
      ]);
      expect(settingsIn({})).to.deep.equal({ rpc: undefined, deployment: undefined });
    });

    it("say in a sentence what is wrong", function () {
      expect(() => deploymentInText("{")).to.throw("The manifest is not JSON.");
      expect(() => deploymentInText("[]")).to.throw("no chainId");
      expect(() =>
        deploymentInText(JSON.stringify({ ...manifest, contracts: { Genesis: { address: B } } })),
      ).to.throw("The manifest has no contract SystemDirectory.");
      for (const url of ["", "localhost:8545", "javascript:alert(1)", "file:///etc/passwd"])
        expect(() => requireUrl(url), url).to.throw("is not the address of a node");
    });
  });

  it("call functions and read events of OpenZeppelin's contracts that exist", async function () {
    const contracts: [readonly string[], string][] = [
      [GOVERNOR_ABI, "OPAGovernor"],
      [TIMELOCK_ABI, "SystemTimelock"],
      [ACCESS_MANAGER_ABI, "AccessManager"],
    ];
    for (const [abi, name] of contracts) {
      const { abi: built } = await hre.artifacts.readArtifact(name);
      const known = new Set(
        new Interface(built as InterfaceAbi).format(true).map((each) => each.replace(/\s+/g, " ")),
      );
      for (const each of new Interface(abi).format(true)) expect(known, name).to.include(each);
    }
  });
});
