import { expect } from "chai";

import {
  countWords,
  listWords,
  readComments,
  readMarkdown,
} from "../../../scripts/checks/prose.js";

const SOLIDITY = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Meter
/// @notice Burns credit. See
/// {IMeter}.
/// @param account Account
/// that pays
contract Meter {
    string private constant A = "// no comment"; // trailing one

    // Rounds down.
    /* Block. */
    uint256 x; // in wei
    uint256 y; // in gwei
}
`;

const TYPESCRIPT = `/** First sentence. Second one! */
export const a = \`// no comment \${/* inside */ 1}\`;
const pattern = /\\/\\* no comment/;

/**
 * Runs the loop:
 *
 * 1. deploys
 * 2. settles
 */
// eslint-disable-next-line no-console
`;

describe("checks/prose", function () {
  it("reads the sentences of Solidity comments with their lines", function () {
    expect(readComments("a.sol", SOLIDITY)).to.deep.equal([
      { line: 4, text: "Meter" },
      { line: 5, text: "Burns credit." },
      { line: 5, text: "See {IMeter}." },
      { line: 7, text: "Account that pays" },
      { line: 10, text: "trailing one" },
      { line: 12, text: "Rounds down." },
      { line: 13, text: "Block." },
      { line: 14, text: "in wei" },
      { line: 15, text: "in gwei" },
    ]);
  });

  it("reads the sentences of TypeScript comments, not those of strings and patterns", function () {
    expect(readComments("a.ts", TYPESCRIPT)).to.deep.equal([
      { line: 1, text: "First sentence." },
      { line: 1, text: "Second one!" },
      { line: 2, text: "inside" },
      { line: 6, text: "Runs the loop:" },
      { line: 8, text: "deploys" },
      { line: 9, text: "settles" },
    ]);
  });

  it("reads the sentences of Markdown without headings, tables and code", function () {
    const page = [
      ...["# Title", "", "One sentence that", "goes on. Another.", "", "- item", "- item two"],
      ...["", "| a | b |", "", "```sh", "npm ci", "```", "Last."],
    ].join("\n");

    expect(readMarkdown(page)).to.deep.equal([
      { line: 3, text: "One sentence that goes on." },
      { line: 4, text: "Another." },
      { line: 6, text: "item" },
      { line: 7, text: "item two" },
      { line: 14, text: "Last." },
    ]);
  });

  it("counts code as one word and leaves out the target of a link", function () {
    expect(countWords("Run `npm run checks -- x` in [the folder](docs/a b.md) – now")).to.equal(6);
    expect(listWords("Whatever, (What)?")).to.deep.equal(["whatever", "what"]);
  });
});
