import { expect } from "chai";

import { checkRepository } from "../../../scripts/checks/repository.js";
import { makeProject } from "../../support/project.js";

const README = { "README.md": "# A\n" };

describe("checks/repository", function () {
  for (const line of [
    "read /work/shared/a",
    'const file = "/tmp/a";',
    "(/root/a)",
    "cd /home/somebody/a",
    "// TODO later",
    "// FIXME",
    'it.only("a", f);',
    'describe.skip("a", f);',
    'import "hardhat/console.sol";',
  ]) {
    it(`fails for a file with "${line}"`, function () {
      const root = makeProject({ ...README, "sdk/a.ts": `ok\n${line}\n` });

      expect(() => checkRepository(root)).to.throw(/^sdk\/a\.ts has .* in line 2\.$/);
    });
  }

  it("fails for a link that leads nowhere", function () {
    const root = makeProject({ ...README, "docs/a.md": "[b](../docs/b.md#c)" });

    expect(() => checkRepository(root)).to.throw("docs/a.md links to ../docs/b.md#c");
  });

  it("fails for a README of 150 lines and takes one of 149", function () {
    const long = makeProject({ "README.md": "a\n".repeat(150) });
    const full = makeProject({ "README.md": "a\n".repeat(149) });

    expect(() => checkRepository(long)).to.throw("README.md has 150 lines");
    expect(checkRepository(full)).to.contain("README has 149 lines");
  });

  it("fails without a README", function () {
    expect(() => checkRepository(makeProject({}))).to.throw("README.md does not exist");
  });

  it("fails for a folder that is not known", function () {
    const root = makeProject({ ...README, "utils/a.ts": "" });

    expect(() => checkRepository(root)).to.throw("folder utils is not one of the known");
  });

  it("passes over what tools wrote, addresses of pages, and code in documents", function () {
    const root = makeProject({
      ...README,
      ...{ "artifacts/a.json": "/tmp/", ".env": "A=/home/", "out.json": "TODO" },
      "docs/a.md":
        "[a](https://example.org/a) [b](#b) [c](../README.md)\n\n```ts\na[0](none)\n```\n\n`[d](none)`\n",
      "docs/b.md": "a framework/work/shop, example.org/home/a\n",
    });

    expect(checkRepository(root)).to.equal(
      "3 files are clean; 1 links lead to a file; README has 1 lines",
    );
  });
});
