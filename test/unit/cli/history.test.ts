import { expect } from "chai";

import { readLogs } from "../../../cli/frame/history.js";
import type { Session } from "../../../cli/frame/session.js";
import { Terminal } from "../../../cli/frame/terminal.js";

const SILENT = { write: () => undefined };

/** A node with one log in each thousandth block that answers at most so many blocks at a time. */
function nodeWith(most: number) {
  const asked: [number, number][] = [];
  const getLogs = ({ fromBlock, toBlock }: { fromBlock: number; toBlock: number }) => {
    if (toBlock - fromBlock + 1 > most) return Promise.reject(new Error("range too large"));
    asked.push([fromBlock, toBlock]);
    const blocks = Array.from({ length: toBlock - fromBlock + 1 }, (_, i) => fromBlock + i);
    const logs = blocks.filter((block) => block % 1_000 === 0);
    return Promise.resolve(logs.map((blockNumber) => ({ blockNumber })));
  };
  return { session: { provider: { getLogs } } as unknown as Session, asked };
}

describe("history of opa", function () {
  const terminal = new Terminal({ out: SILENT, err: SILENT, env: {} });

  it("reads each block once from a node that answers at most 3,000 blocks at a time", async function () {
    this.timeout(20_000);
    const { session, asked } = nodeWith(3_000);

    const logs = await readLogs(session, terminal, {}, { from: 1, to: 12_000 });

    expect(logs.map(({ blockNumber }) => blockNumber)).to.deep.equal(
      Array.from({ length: 12 }, (_, i) => (i + 1) * 1_000),
    );
    let next = 1;
    for (const [from, to] of asked) {
      expect(from).to.equal(next);
      next = to + 1;
    }
    expect(next).to.equal(12_001);
  });

  it("names the blocks that a node refuses, and another node as the remedy", async function () {
    this.timeout(30_000);
    const { session } = nodeWith(0);

    const error = (await readLogs(session, terminal, {}, { from: 7, to: 9 }).catch(
      (each: unknown) => each,
    )) as Error;

    expect(error).to.include({ exit: "setup" });
    expect(error.message).to.equal(
      "The node gives no events of blocks 7 to 7; name another node with --rpc.",
    );
  });
});
