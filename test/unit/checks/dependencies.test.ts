import { expect } from "chai";

import { checkDependencies, NATIVE } from "../../../scripts/checks/dependencies.js";
import { makeProject } from "../../support/project.js";

type Packages = Record<string, { version?: string; resolved?: string }>;

function project({
  version = "1.2.3",
  decisions = "`alpha` is needed.",
  packages = {} as Packages,
  missing = "",
  kind = "devDependencies",
  peers = {} as Record<string, string>,
}): string {
  const locked = ["alpha", ...NATIVE].filter((name) => name !== missing);
  const entries = locked.map((name) => [`node_modules/${name}`, { version: "1.2.3" }] as const);
  return makeProject({
    "package.json": JSON.stringify({
      [kind]: { alpha: version },
      peerDependencies: peers,
    }),
    "package-lock.json": JSON.stringify({
      packages: { "": {}, ...Object.fromEntries(entries), ...packages },
    }),
    "docs/decisions.md": decisions,
  });
}

describe("checks/dependencies", function () {
  for (const version of [
    "^1.2.3",
    "~1.2.3",
    "1.2",
    "latest",
    "*",
    "git+ssh://host/a",
    "npm:b@^1.0.0",
  ]) {
    it(`fails for the version ${version}`, function () {
      for (const kind of ["dependencies", "devDependencies"])
        expect(() => checkDependencies(project({ version, kind }))).to.throw("not an exact one");
    });
  }

  it("fails for a dependency that the decisions do not name", function () {
    const root = project({ decisions: "`alphabet`" });

    expect(() => checkDependencies(root)).to.throw("does not say what alpha is for");
  });

  it("fails for a peer dependency that is not tested here", function () {
    const peers = { beta: "^1.2.3" };

    expect(() => checkDependencies(project({ peers }))).to.throw(
      "beta is asked of users and is no development dependency.",
    );
  });

  for (const range of ["^1.2.0", "^1.3.0", "1.2.3", ">=1", "*"]) {
    it(`fails for a peer dependency in the range ${range}, tested with 1.2.3`, function () {
      expect(() => checkDependencies(project({ peers: { alpha: range } }))).to.throw(
        `alpha is tested with 1.2.3, and users are asked for "${range}".`,
      );
    });
  }

  it("fails for a lock file without one of the platforms", function () {
    for (const missing of NATIVE) {
      expect(() => checkDependencies(project({ missing }))).to.throw(`lacks ${missing}.`);
    }
  });

  it("fails for a lock file without a dependency", function () {
    expect(() => checkDependencies(project({ missing: "alpha" }))).to.throw("lacks alpha.");
  });

  for (const source of [
    "git+ssh://git@example.org/b.git#1",
    "http://registry.npmjs.org/b.tgz",
    "https://example.org/b.tgz",
    "file:../b",
  ]) {
    it(`fails for a package locked to ${source}`, function () {
      const resolved = project({ packages: { "node_modules/b": { resolved: source } } });
      const version = project({ packages: { "node_modules/b": { version: source } } });

      expect(() => checkDependencies(resolved)).to.throw("node_modules/b is locked to");
      expect(() => checkDependencies(version)).to.throw("node_modules/b is locked to");
    });
  }

  it("takes a range of a peer dependency that starts with the tested version", function () {
    const root = project({ peers: { alpha: "^1.2.3" } });

    expect(checkDependencies(root)).to.equal("1 exact versions, each explained; 8 packages locked");
  });

  it("takes exact versions, aliases and the registry", function () {
    const resolved = "https://registry.npmjs.org/b/-/b-1.0.0.tgz";
    const root = project({
      version: "npm:@scope/a@1.0.0-rc.1",
      packages: { "node_modules/b": { version: "1.0.0", resolved } },
    });

    expect(checkDependencies(root)).to.equal("1 exact versions, each explained; 9 packages locked");
  });
});
