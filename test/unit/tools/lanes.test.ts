import { expect } from "chai";

import { runLanes, type StepResult } from "../../../tools/lanes.js";

const PASSED: StepResult = { hasPassed: true, output: "" };

/** Runs two lanes whose steps end as `results` says, each after the others had their turn. */
async function run(lanes: string[][], results: Record<string, StepResult | Error> = {}) {
  const started: string[] = [];
  const printed: string[] = [];
  const failed = await runLanes(
    lanes,
    async (step) => {
      started.push(step);
      await new Promise((resolve) => setImmediate(resolve));
      const result = results[step] ?? PASSED;
      if (result instanceof Error) throw result;
      return result;
    },
    (line) => printed.push(line.replace(/ in \d+ s$/, " in N s")),
  );
  return { started, printed, failed };
}

describe("runLanes", function () {
  it("runs lanes side by side and the steps of each in order", async function () {
    const { started, printed, failed } = await run([
      ["lint", "types"],
      ["test", "e2e"],
    ]);

    expect(started).to.deep.equal(["lint", "test", "types", "e2e"]);
    expect(printed).to.have.members(
      ["lint", "test", "types", "e2e"].map((step) => `== ${step}: passed in N s`),
    );
    expect(failed).to.deep.equal([]);
  });

  it("starts no step after a failure in any lane, and names the steps that failed", async function () {
    const broken = { hasPassed: false, output: "not formatted\n" };
    const { started, printed, failed } = await run(
      [
        ["lint", "types"],
        ["test", "e2e"],
      ],
      { lint: broken },
    );

    expect(started).to.deep.equal(["lint", "test"]);
    expect(printed).to.deep.equal([
      "not formatted\n== lint: FAILED in N s",
      "== test: passed in N s",
    ]);
    expect(failed).to.deep.equal(["lint"]);
  });

  it("counts a step that cannot start as failed", async function () {
    const { started, printed, failed } = await run([["lint", "types"]], {
      lint: new Error("spawn npm ENOENT"),
    });

    expect(started).to.deep.equal(["lint"]);
    expect(printed).to.deep.equal(["Error: spawn npm ENOENT\n== lint: FAILED in N s"]);
    expect(failed).to.deep.equal(["lint"]);
  });
});
