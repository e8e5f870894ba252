import { expect } from "chai";

import { checkVectors, renderVectors } from "../../../scripts/checks/vectors.js";
import { makeProject } from "../../support/project.js";

describe("checks/vectors", function () {
  it("fails for one character that differs", function () {
    const root = makeProject({ "test/vectors/a.json": '["0x01"]' });
    const rendered = [{ file: "test/vectors/a.json", content: '["0x02"]' }];

    expect(() => checkVectors(root, rendered)).to.throw("test/vectors/a.json is not what");
  });

  it("fails for a file that is missing, and without any", function () {
    const rendered = [{ file: "test/vectors/a.json", content: "" }];

    expect(() => checkVectors(makeProject({}), rendered)).to.throw("does not exist");
    expect(() => checkVectors(makeProject({}), [])).to.throw("no vectors");
  });

  it("renders all files, the same each time", async function () {
    const rendered = await renderVectors();
    const root = makeProject(
      Object.fromEntries(rendered.map(({ file, content }) => [file, content])),
    );

    expect(checkVectors(root, await renderVectors())).to.contain("4 files");
  });
});
