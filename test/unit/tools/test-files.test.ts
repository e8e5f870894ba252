import { existsSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";

import { listTestFiles } from "../../../tools/test-files.js";

const ROOT = path.join(import.meta.dirname, "../../..");

describe("tools/test-files", function () {
  it("lists this file and the others of mocha, and none that starts processes", function () {
    const files = listTestFiles().map((file) => path.relative(ROOT, file));

    expect(files).to.include("test/unit/tools/test-files.test.ts");
    expect(files).to.include("test/integration/exits.test.ts");
    expect(files.filter((file) => !file.endsWith(".test.ts"))).to.deep.equal([]);
    expect(existsSync(path.join(ROOT, "test/e2e/json-rpc.test.ts"))).to.equal(true);
    expect(files.filter((file) => file.includes("e2e"))).to.deep.equal([]);
  });
});
