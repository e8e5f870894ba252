import { expect } from "chai";

import { visible, visibleInJson } from "../../../sdk/visible.js";

describe("visible", function () {
  it("leaves letters, signs and spaces of every language as they are", function () {
    for (const text of ["", "κ × burned", "Größe 5 %", "提案", "🙂 <b>bold</b>", "a\\b"])
      expect(visible(text)).to.equal(text);
  });

  it("writes out controls of terminals, line ends, marks of direction and characters without width", function () {
    const hostile: [string, string][] = [
      ["\u001b[2J\u001b]0;title\u0007", "\\u{1b}[2J\\u{1b}]0;title\\u{7}"],
      ["\u009b31m", "\\u{9b}31m"],
      ["one\ntwo\r\u2028three", "one\\ntwo\\u{d}\\u{2028}three"],
      ["\u202egnp.exe\u2066", "\\u{202e}gnp.exe\\u{2066}"],
      ["a\u200bb\ufeffc\u{e0041}", "a\\u{200b}b\\u{feff}c\\u{e0041}"],
    ];
    for (const [text, shown] of hostile) expect(visible(text)).to.equal(shown);
  });

  it("keeps the value of JSON, without an unseen character in it", function () {
    const value = { text: "\u001b[2J\u009b\u202e\u{e0041}\nend", list: ["\u200b"] };

    const json = visibleInJson(JSON.stringify(value, null, 2));

    expect(JSON.parse(json)).to.deep.equal(value);
    expect(json).to.match(/^[\n -~]*$/);
  });
});
