import { expect } from "chai";

import { runChecks } from "../../../scripts/checks/report.js";

const checks = {
  good: () => "all of it",
  late: () => Promise.resolve("in time"),
  bad: () => {
    throw new Error("It is not.");
  },
};

async function run(names: string[]) {
  const lines: string[] = [];
  const passed = await runChecks(checks, names, (line) => lines.push(line));
  return { passed, lines };
}

describe("checks/report", function () {
  it("runs every check, also after one has failed, and fails", async function () {
    const { passed, lines } = await run([]);

    expect(passed).to.equal(false);
    expect(lines).to.deep.equal([
      "ok    good: all of it",
      "ok    late: in time",
      "FAIL  bad: It is not.",
    ]);
  });

  it("fails for a name that no check has", async function () {
    const { passed, lines } = await run(["goods"]);

    expect(passed).to.equal(false);
    expect(lines).to.deep.equal(["FAIL  goods: there is no check of this name."]);
  });

  it("runs those named and passes when all of them do", async function () {
    const { passed, lines } = await run(["late", "good"]);

    expect(passed).to.equal(true);
    expect(lines).to.have.length(2);
  });
});
