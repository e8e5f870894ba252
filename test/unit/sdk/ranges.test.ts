import { expect } from "chai";

import { BlockRangeError, readRanges } from "../../../sdk/reads/ranges.js";

/** Reads a range from a node that answers `limit` blocks at most, as a function of the first block. */
async function read(
  first: number,
  last: number,
  limit: (from: number) => number,
): Promise<{ blocks: number[]; sizes: number[]; waits: number[] }> {
  const [sizes, waits]: [number[], number[]] = [[], []];
  const blocks = await readRanges(
    first,
    last,
    (from, to) => {
      const size = to - from + 1;
      if (size > limit(from)) return Promise.reject(new Error("too many"));
      sizes.push(size);
      return Promise.resolve(Array.from({ length: size }, (_, i) => from + i));
    },
    {
      chunk: 16,
      retries: 2,
      wait: (milliseconds) => {
        waits.push(milliseconds);
        return Promise.resolve();
      },
    },
  );
  return { blocks, sizes, waits };
}

describe("readRanges", function () {
  it("reads each block once, in requests of the chunk", async function () {
    const { blocks, sizes, waits } = await read(3, 40, () => Infinity);

    expect(blocks).to.deep.equal(Array.from({ length: 38 }, (_, i) => i + 3));
    expect([sizes, waits]).to.deep.equal([[16, 16, 6], []]);
  });

  it("halves a refused range, and doubles it again after an answer", async function () {
    const { blocks, sizes, waits } = await read(0, 39, (from) => (from < 4 ? 4 : Infinity));

    expect(blocks).to.deep.equal(Array.from({ length: 40 }, (_, i) => i));
    expect(sizes).to.deep.equal([4, 8, 16, 12]);
    expect(waits).to.deep.equal([100, 200]);
  });

  it("reads nothing of an empty range", async function () {
    expect(await read(5, 4, () => 0)).to.deep.equal({ blocks: [], sizes: [], waits: [] });
  });

  it("stops when a single block is refused, with its number and the last error", async function () {
    const error = await read(7, 40, () => 0).catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(BlockRangeError);
    const { first, last, cause, message } = error as BlockRangeError;
    expect([first, last, (cause as Error).message]).to.deep.equal([7, 7, "too many"]);
    expect(message).to.equal("The node gives no events of blocks 7 to 7");
  });
});
