import { expect } from "chai";

import { REASONS, reasonOf, type ReasonName } from "../../../sdk/index.js";
import type { StatementRecord } from "../../../sdk/node/index.js";
import {
  hold,
  isOpen,
  outlookOf,
  withoutReplaced,
  worstReason,
  type WaitingLines,
} from "../../../sdk/settling/order.js";
import { planRecords } from "../../../sdk/settling/settler.js";

const P = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const A = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const B = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
let made = 0;

function record(
  total: bigint,
  { signer = A, epoch = 10n, deadline = 100n, resources = [1n] } = {},
): StatementRecord {
  made += 1;
  const lines = resources.map((resource) => ({ provider: P, resource, cumulativeUnits: total }));
  return {
    id: `statement ${made}`,
    order: made,
    signed: {
      statement: { account: A, priceEpoch: epoch, deadline, lines },
      signer,
      signature: `0x${"11".repeat(65)}`,
    },
    state: "signed",
    transaction: undefined,
    aside: undefined,
  };
}

const reason = (name: ReasonName) =>
  reasonOf(BigInt(REASONS.findIndex((known) => known.name === name)));

function judge(one: StatementRecord, ...names: ReasonName[]) {
  const judgement = { reason: reason("None"), reasons: names.map(reason) };
  return { record: one, ...judgement, outlook: outlookOf(judgement) };
}

const never = () => false;

describe("sdk/settling order", function () {
  it("defers a later epoch and another signer behind a line that waits, and nobody else", function () {
    const first = record(10n);
    const judged = [
      judge(first, "InsufficientCredit"),
      judge(record(11n, { epoch: 11n }), "None"),
      judge(record(12n, { signer: B }), "None"),
      judge(record(13n), "None"),
      judge(record(14n, { epoch: 11n, resources: [2n] }), "None"),
    ];

    const held = hold(judged, new Map(), never);

    expect(held.map(({ isHeld }) => isHeld)).to.deep.equal([false, true, true, false, false]);
    expect(held.map(isOpen)).to.deep.equal([false, false, false, true, true]);
  });

  it("defers nothing that would be lost by waiting", function () {
    const late = record(11n, { epoch: 11n });
    const judged = [judge(record(10n), "InsufficientCredit"), judge(late, "None")];

    const held = hold(judged, new Map(), (one) => one === late);

    expect(held.map(({ isHeld }) => isHeld)).to.deep.equal([false, false]);
  });

  it("defers nobody behind a signer that will not pay (L-1)", function () {
    for (const name of ["KeyUnknown", "KeyExpired", "KeyCannotSpend", "ProjectExpired"] as const) {
      const judged = [judge(record(10n), name), judge(record(11n, { signer: B }), "None")];

      expect(hold(judged, new Map(), never)[1]?.isHeld, name).to.equal(false);
    }
  });

  it("remembers over batches which lines wait", function () {
    const waiting: WaitingLines = new Map();
    hold([judge(record(10n), "KeyLimitExceeded")], waiting, never);

    const [next] = hold([judge(record(11n, { signer: B }), "None")], waiting, never);

    expect(next?.isHeld).to.equal(true);
  });

  it("expects of a statement the best that any line still can, and names what keeps it", function () {
    const two = record(1n, { resources: [1n, 2n] });

    expect(judge(two, "NothingNew", "NothingNew").outlook).to.equal("done");
    expect(judge(two, "NothingNew", "ResourceRetired").outlook).to.equal("never");
    expect(judge(two, "InsufficientCredit", "ResourceRetired").outlook).to.equal("later");
    expect(worstReason(judge(two, "NothingNew", "ResourceRetired")).name).to.equal(
      "ResourceRetired",
    );
  });

  it("leaves out a statement that a later one of the same signer and epoch stands for", function () {
    const replaced = record(1n);
    const kept = [
      record(2n, { epoch: 9n }),
      record(3n, { signer: B }),
      record(4n, { deadline: 200n }),
      record(5n),
      record(5n, { resources: [1n, 2n] }),
    ];

    const left = withoutReplaced([replaced, ...kept]);

    expect(left).to.not.include(replaced);
    expect(left).to.include.members([kept[0], kept[1], kept[2], kept[4]]);
  });

  it("plans ten thousand statements in under a second of CPU, each batch within its gas", function () {
    const records = Array.from({ length: 10_000 }, (_, i) => {
      const one = record(BigInt(i + 1));
      const account = `0x${(10n ** 39n + BigInt(i)).toString()}`;
      return { ...one, signed: { ...one.signed, statement: { ...one.signed.statement, account } } };
    });
    const before = process.cpuUsage();

    const batches = planRecords(withoutReplaced(records), 16_000_000n);

    const { user, system } = process.cpuUsage(before);
    expect(batches.flat()).to.deep.equal(records);
    expect(batches.length).to.be.within(50, 200);
    expect((user + system) / 1_000).to.be.below(1_000);
  });
});
