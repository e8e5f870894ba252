import { MaxUint256, type Wallet } from "ethers";
import hre from "hardhat";

import manifest from "../../package.json" with { type: "json" };
import { SHIPPED } from "../../tools/compiler/settings.js";
import { compile, describeCompiler, type Artifact, type Compiler } from "../compile.js";
import { freshAddress, type Lab } from "../lab.js";
import type { System, Terms, TokenUnderTest, VestingPart } from "../measure.js";
import { governancePart } from "./opa-governance.js";
import { incentivePart } from "./opa-incentives.js";
import { settlementPart, type Source } from "./opa-settlement.js";

const WHOLE = 1_000_000_000n; // share of a release curve that is 100%

const COMPILER: Compiler = { npm: "solc", settings: SHIPPED };

/** A stage of a release curve; a linear one grows from the stage before it. */
interface Stage {
  readonly offset: number;
  readonly share: bigint;
  readonly linear: boolean;
}

const cliff = ({ startAt, cliffAt, endAt }: Terms): Stage[] => [
  {
    offset: cliffAt - startAt,
    share: (WHOLE * BigInt(cliffAt - startAt)) / BigInt(endAt - startAt),
    linear: false,
  },
  { offset: endAt - startAt, share: WHOLE, linear: true },
];

const steps = ({ startAt, endAt }: Terms): Stage[] =>
  [1, 2, 3, 4].map((index) => ({
    offset: ((endAt - startAt) / 4) * index,
    share: (WHOLE / 4n) * BigInt(index),
    linear: false,
  }));

/** The contracts of the suite as they ship. */
export const source: Source = {
  token: async (lab, holder) => (await deployToken(lab, holder)).contract,
  artifact: artifactOf,
};

/** OPA itself, compiled as it ships. */
export const opa: System = {
  name: "OPA",
  version: manifest.version,
  settings: describeCompiler(COMPILER),
  token: { deploy: deployToken },
  vesting: [vestingPart("OPA", cliff), vestingPart("OPA, 4 steps", steps)],
  settlement: settlementPart(source),
  incentives: incentivePart(source),
  governance: governancePart(source),
};

async function deployToken(lab: Lab, holder: Wallet): Promise<TokenUnderTest> {
  const treasury = await lab.deploy(holder, compile("Treasury", COMPILER));
  const contract = await lab.deploy(holder, await artifactOf("OPAToken"), [treasury.address]);
  await lab.call(holder, treasury, "empty", [contract.address]);
  return { contract, domain: { name: "OPA Token", version: "1" } };
}

function vestingPart(label: string, stagesOf: (terms: Terms) => Stage[]): VestingPart {
  return {
    label,
    async open(lab, funder) {
      const { contract: token } = await deployToken(lab, funder);
      const authority = freshAddress("authority");
      const lock = await artifactOf("GovernanceLock");
      const { address } = await lab.deploy(funder, lock, [token.address, authority]);
      const roles = [authority, freshAddress("reserve"), address, address];
      const artifact = await artifactOf("ReleaseVault");
      const vault = await lab.deploy(funder, artifact, [token.address, ...roles]);
      await lab.call(funder, token, "approve", [vault.address, MaxUint256]);

      const curveId = 1n;
      let lastId = 0n;
      const schedule = (beneficiary: string, { amount, startAt }: Terms) => ({
        beneficiary,
        total: amount,
        start: startAt,
        curveId,
        revocable: true,
      });
      return {
        prepare: (terms) => lab.call(funder, vault, "createCurve", [stagesOf(terms)]),
        async createOne({ beneficiary, ...terms }) {
          const created = [schedule(beneficiary.address, terms)];
          const gas = await lab.call(funder, vault, "createSchedule", created);
          lastId += 1n;
          const id = lastId;
          return { gas, claim: () => lab.call(beneficiary, vault, "claim", [id]) };
        },
        createBatch: (beneficiaries, terms) =>
          lab.call(funder, vault, "createSchedules", [
            beneficiaries.map((beneficiary) => schedule(beneficiary, terms)),
          ]),
      };
    },
  };
}

let build: Promise<unknown> | undefined;

/** The artifact Hardhat builds of an own contract, brought up to date first. */
async function artifactOf(name: string): Promise<Artifact> {
  build ??= hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  await build;
  return hre.artifacts.readArtifact(name);
}
