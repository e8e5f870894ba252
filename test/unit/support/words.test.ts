import { expect } from "chai";
import { Interface, ZeroAddress } from "ethers";

import { decodeWords, encodeWords } from "../../support/words.js";

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const CODEC = new Interface([
  "function plain(uint8,uint256,address,bool,bytes4,bytes32)",
  "function reads() view returns (uint48 time, int128 change, address who, bool is, bytes4 tag)",
  "function lock() view returns (tuple(uint128 amount, tuple(address who, int8 step) of, bool is) own, uint64 end)",
  "function list(uint256[]) view returns (uint256[])",
  "function text(string) view returns (string)",
]);

function functionOf(name: string) {
  const fragment = CODEC.getFunction(name);
  if (!fragment) throw new Error(`no function ${name}`);
  return fragment;
}

describe("support/words", function () {
  it("encodes as ethers does", function () {
    const fragment = functionOf("plain");
    for (const args of [
      [255n, 2n ** 256n - 1n, ADDRESS, true, "0x12aBcd78", `0x${"9e".repeat(32)}`],
      [0n, 0n, ZeroAddress, false, "0x00000000", `0x${"00".repeat(32)}`],
    ])
      expect(encodeWords(fragment, args)).to.equal(CODEC.encodeFunctionData(fragment, args));
  });

  it("leaves other arguments to ethers", function () {
    const plain: unknown[] = [1n, 1n, ADDRESS, true, "0x12345678", `0x${"00".repeat(32)}`];
    const others: [number, unknown][] = [
      [0, 256n],
      [0, -1n],
      [1, 1],
      [2, "name"],
      [3, 1],
      [4, "0x1234"],
      [5, "0x"],
    ];
    for (const [index, value] of others)
      expect(encodeWords(functionOf("plain"), plain.with(index, value)), String(value)).to.equal(
        undefined,
      );
    expect(encodeWords(functionOf("plain"), plain.slice(1))).to.equal(undefined);
    expect(encodeWords(functionOf("list"), [[1n]])).to.equal(undefined);
    expect(encodeWords(functionOf("text"), ["a"])).to.equal(undefined);
  });

  it("decodes as ethers does, with names and inner structs", function () {
    const results: [string, unknown[]][] = [
      ["reads", [2n ** 48n - 1n, -5n, ADDRESS, true, "0x12345678"]],
      ["reads", [0n, 2n ** 127n - 1n, ZeroAddress, false, "0x00000000"]],
      ["lock", [[7n, [ADDRESS, -128n], true], 9n]],
    ];
    for (const [name, values] of results) {
      const data = CODEC.encodeFunctionResult(name, values);
      const decoded = decodeWords(functionOf(name), data);
      const expected = CODEC.decodeFunctionResult(name, data);
      expect(decoded?.toArray(true)).to.deep.equal(expected.toArray(true));
      expect(decoded?.toObject(true)).to.deep.equal(expected.toObject(true));
    }
  });

  it("leaves results to ethers that are cut off, or of no fixed length", function () {
    const data = CODEC.encodeFunctionResult("reads", [1n, 1n, ADDRESS, true, "0x12345678"]);
    expect(decodeWords(functionOf("reads"), data.slice(0, -2))).to.equal(undefined);
    const list = CODEC.encodeFunctionResult("list", [[1n]]);
    expect(decodeWords(functionOf("list"), list)).to.equal(undefined);
  });
});
