import { expect } from "chai";

import { checkLanguage } from "../../../scripts/checks/language.js";
import { makeProject } from "../../support/project.js";

const DOCUMENTS = { "README.md": "# OPA\n\nShort.\n", "docs/architecture.md": "Short.\n" };

const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ");

/** Comments of ten words each, then one line of comment. */
const comments = (lines: number, last: string): string =>
  [...Array.from({ length: lines }, () => `// ${words(9)} end.`), `// ${last}`].join("\n");

describe("checks/language", function () {
  it("fails for more than two vague words in 1,000 words of comment, with their places", function () {
    const root = makeProject({ ...DOCUMENTS, "sdk/a.ts": comments(99, "What whoever whom else.") });

    expect(() => checkLanguage(root)).to.throw(
      'sdk/ has 3.0 vague words in 1,000 words of comment, and 2 are allowed: sdk/a.ts:100 "what", sdk/a.ts:100 "whoever", sdk/a.ts:100 "whom".',
    );
  });

  it("takes two vague words in 1,000 words of comment", function () {
    const root = makeProject({
      ...DOCUMENTS,
      "contracts/a.sol": comments(100, "What whoever else."),
    });

    expect(checkLanguage(root)).to.equal(
      "1003 words of comment and 2 documents are in plain language",
    );
  });

  it("counts each top folder alone", function () {
    const root = makeProject({
      ...DOCUMENTS,
      "contracts/a.sol": comments(200, "End."),
      "deploy/a.ts": "// What is here.\n",
    });

    expect(() => checkLanguage(root)).to.throw("deploy/ has 333.3 vague words");
  });

  it("fails for a comment with a sentence of 33 words, with file and line", function () {
    const root = makeProject({
      ...DOCUMENTS,
      "tools/a.mjs": `// ${words(32)}.\n\n// ${words(33)}.`,
    });

    expect(() => checkLanguage(root)).to.throw(
      /^tools\/a\.mjs:3 has a sentence of 33 words, and 32 are allowed\.$/,
    );
  });

  for (const file of [
    ...["README.md", "docs/architecture.md", "docs/guides/voter.md", "docs/runbooks/pause.md"],
    ...["docs/dashboard.md", "docs/cli.md", "examples/gateway/README.md"],
  ]) {
    it(`fails for a sentence of 31 words in ${file}`, function () {
      const root = makeProject({ ...DOCUMENTS, [file]: `# A\n\n${words(30)}. ${words(31)}.\n` });

      expect(() => checkLanguage(root)).to.throw(
        `${file}:3 has a sentence of 31 words, and 30 are allowed.`,
      );
    });
  }

  it("passes over code, tables and files without comments", function () {
    const root = makeProject({
      ...DOCUMENTS,
      "README.md": `| ${words(40)} |\n\n\`\`\`\n${words(40)}\n\`\`\`\n`,
      "sdk/a.ts": 'export const a = "what whatever";\n',
    });

    expect(checkLanguage(root)).to.contain("0 words of comment");
  });
});
