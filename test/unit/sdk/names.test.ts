import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import {
  CATEGORIES,
  categoriesIn,
  categoryMask,
  CONTRIBUTIONS,
  KEY_ROLES,
  PROVIDER_STATES,
  RESOURCE_STATES,
} from "../../../sdk/index.js";

const INTERFACES = path.join(import.meta.dirname, "../../../contracts/interfaces");

/** Names of an enum in a Solidity file, in their order. */
async function namesOf(file: string, name: string): Promise<string[]> {
  const source = await readFile(path.join(INTERFACES, file), "utf8");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  return body.replace(/\/\/.*$/gm, "").match(/\w+/g) ?? [];
}

describe("sdk/names", function () {
  const ENUMS: [string, string, Readonly<Record<string, number>>][] = [
    ["types/Metering.sol", "Category", CATEGORIES],
    ["types/Contribution.sol", "Category", CONTRIBUTIONS],
    ["IOrganisations.sol", "Role", KEY_ROLES],
    ["IResourceRegistry.sol", "State", RESOURCE_STATES],
    ["INodeRegistry.sol", "Status", PROVIDER_STATES],
  ];
  for (const [file, name, numbers] of ENUMS)
    it(`numbers ${name} of ${file} as the contracts do`, async function () {
      const names = await namesOf(file, name);

      expect(numbers).to.deep.equal(Object.fromEntries(names.map((key, i) => [key, i])));
    });

  it("turns names of categories into a bit mask and back", function () {
    expect(categoryMask()).to.equal(0);
    expect(categoryMask("Compute")).to.equal(1);
    expect(categoryMask("Service", "Inference", "Inference")).to.equal(0b10010);
    expect(categoriesIn(0b10010n)).to.deep.equal(["Inference", "Service"]);
    expect(categoriesIn(0)).to.deep.equal([]);
    expect(categoriesIn(31)).to.deep.equal(Object.keys(CATEGORIES));
  });

  for (const mask of [32, -1, 1n << 40n])
    it(`finds no categories in ${mask}`, function () {
      expect(() => categoriesIn(mask)).to.throw(RangeError, "no category for every bit");
    });
});
