import { expect } from "chai";

import {
  deriveEconomics,
  findContradiction,
  renderEconomics,
} from "../../../deploy/parameters/economics.js";
import {
  checkEconomics,
  ECONOMICS_DOCUMENT,
  renderEconomicsDocument,
} from "../../../scripts/checks/economics.js";
import { readText, ROOT } from "../../../scripts/checks/files.js";
import { OPA } from "../../../sdk/units.js";
import { makeProject } from "../../support/project.js";
import { LAUNCH } from "../../support/suite.js";

const LOCAL = "deploy/parameters/local.json5";
const DOCUMENT = readText(ROOT, ECONOMICS_DOCUMENT);
const [BEFORE_LOCAL = ""] = DOCUMENT.split("### Test network");

function project(document: string, changes: readonly [string, string][] = []): string {
  let content = readText(ROOT, LOCAL);
  for (const [from, to] of changes) content = content.replace(from, to);
  return makeProject({
    [LOCAL]: content,
    [ECONOMICS_DOCUMENT]: document,
    ".env.example": "",
  });
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );
}

describe("checks/economics", function () {
  describe("deriveEconomics", function () {
    it("derives every figure of a file from its design load", function () {
      const economics = deriveEconomics(LAUNCH);

      // 4,000,000 + 4 × 50,000 + 2,000 × 1,000 + 2 × 200,000 + 500 × 1,000 + 50 × 8,000 compute units at 0.004 OPA
      expect(economics.computeUnits).to.equal(7_500_000n);
      expect(economics.burned).to.equal(30_000n * OPA);
      expect(economics.released).to.equal(15_000n * OPA);
      const days = economics.categories.map((category) => [category.name, category.days]);
      expect(days).to.deep.equal([
        ["compute", 142.8571], // 100,000 at 8,000 × 50% × 70% / 4
        ["inference", 136.0544],
        ["data", 142.8571],
        ["storage", 142.8571],
        ["service", 142.8571],
      ]);
      expect(economics.limits).to.deep.equal({ total: 20, account: 20, claims: 20 });
      const [first, second] = economics.stages;
      expect(first).to.deep.equal({
        ...{ from: 0n, cap: 64_000n * OPA, bindsAt: 128_000n * OPA, factor: 4.2666 },
        opensAt: (128_000n * OPA * 4n) / 3n, // a quarter of κ × burned is held back
      });
      expect(second?.cap).to.equal(((320_000_000n - 365n * 15_000n) * OPA * 170n) / 1_000_000n);
      expect(economics.yearsToHalf.toFixed(3)).to.equal((400_000_000 / 30_000 / 365).toFixed(3));
      expect(economics.millionUnits[0]).to.deep.equal({ name: "input-token", price: 4_000n * OPA });
      expect(economics.millionUnits[1]?.price).to.equal(16_000n * OPA);
    });

    it("moves with the numbers: twice the rate burns twice as much and halves the days", function () {
      const resources = LAUNCH.resources.map((resource) => ({
        ...resource,
        rate: 2n * resource.rate,
      }));

      const economics = deriveEconomics({ ...LAUNCH, resources });

      expect(economics.burned).to.equal(60_000n * OPA);
      expect(economics.categories[0]?.days).to.equal(71.4285);
      expect(economics.limits.total).to.equal(10);
      expect(findContradiction({ ...LAUNCH, resources })?.at).to.equal(
        "nodes.minimumStake.compute",
      );
    });

    it("knows no category without use, and no cap without funds", function () {
      const units = LAUNCH.design.units.map((amount, i) => (i === 0 ? amount : 0n));
      const economics = deriveEconomics({
        ...{ ...LAUNCH, transfers: [], design: { ...LAUNCH.design, units } },
      });

      expect(economics.categories.map(({ name }) => name)).to.deep.equal(["inference"]);
      expect(economics.stages.every(({ cap }) => cap === 0n)).to.equal(true);
    });
  });

  it("fails for a document that does not say what the files say", async function () {
    const root = project(BEFORE_LOCAL.replace("30,000 OPA", "31,000 OPA"));

    const rendered = await renderEconomicsDocument(root);

    expect(rendered).to.include("| 30,000 OPA");
    expect(() => checkEconomics(root, rendered)).to.throw("`npm run economics` renews it");
  });

  it("fails when a file has changed and the document has not", async function () {
    const root = project(BEFORE_LOCAL, [['compute: "100000"', 'compute: "110000"']]);

    const rendered = await renderEconomicsDocument(root);

    expect(rendered).to.include("110,000 OPA at 700 OPA a day: 157 days");
    expect(() => checkEconomics(root, rendered)).to.throw("is not what the parameter files say");
  });

  it("fails for a file without a table, and for a table without a file", async function () {
    expect(await failure(renderEconomicsDocument(project("# Economics\n")))).to.equal(
      "docs/economics.md has no table of local.json5.",
    );
    expect(await failure(renderEconomicsDocument(project(DOCUMENT)))).to.equal(
      "docs/economics.md has a table of testnet, which is no file.",
    );
  });

  it("takes the document of this repository, which has every figure of every file", async function () {
    const rendered = await renderEconomicsDocument(ROOT);

    expect(checkEconomics(ROOT, rendered)).to.match(/^\d\d figures, each derived/);
    for (const row of renderEconomics(LAUNCH).split("\n").slice(2))
      expect(rendered.replaceAll(/ +/g, " ")).to.include(row);
  });
});
