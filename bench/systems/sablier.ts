import { MaxUint256, ZeroAddress, type Wallet } from "ethers";

import { link, packageVersion, publishedArtifact } from "../compile.js";
import { type Deployed, type Lab } from "../lab.js";
import type { Grant, System, Terms, VestingPart } from "../measure.js";
import { openzeppelin } from "./openzeppelin.js";

const LOCKUP = "@sablier/lockup/artifacts";
const UTILS = "@sablier/evm-utils/artifacts";

/** One of Lockup's ways to describe a schedule: its two create functions and their arguments. */
interface Model {
  readonly label: string;
  readonly method: string;
  /** Fields after the common parameters in a single creation. */
  readonly single: (terms: Terms) => readonly unknown[];
  /** Fields of a batch element beside the common parameters. */
  readonly element: (terms: Terms) => object;
}

const linear: Model = {
  label: "Sablier linear",
  method: "createWithTimestampsLL",
  single: () => [{ start: 0n, cliff: 0n }, 0, 0],
  element: ({ startAt, endAt }) => ({
    timestamps: { start: startAt, end: endAt },
    unlockAmounts: { start: 0n, cliff: 0n },
    cliffTime: 0,
    granularity: 0,
  }),
};

const linearCliff: Model = {
  label: "Sablier linear, cliff",
  method: "createWithTimestampsLL",
  single: ({ amount, cliffAt }) => [{ start: 0n, cliff: amount / 4n }, 0, cliffAt],
  element: ({ amount, startAt, cliffAt, endAt }) => ({
    timestamps: { start: startAt, end: endAt },
    unlockAmounts: { start: 0n, cliff: amount / 4n },
    cliffTime: cliffAt,
    granularity: 0,
  }),
};

const tranched: Model = {
  label: "Sablier 4 tranches",
  method: "createWithTimestampsLT",
  single: (terms) => [quarters(terms)],
  element: (terms) => ({ startTime: terms.startAt, tranches: quarters(terms) }),
};

/** Sablier Lockup as published: its artifacts, its comptroller behind a proxy, no fee, no oracle. */
export const sablier: System = {
  name: "Sablier Lockup",
  version: `${packageVersion("@sablier/lockup")} (evm-utils ${packageVersion("@sablier/evm-utils")})`,
  settings: "published artifacts: solc 0.8.29 through IR, runs 100, shanghai",
  vesting: [linear, linearCliff, tranched].map(vestingPart),
};

function vestingPart({ label, method, single, element }: Model): VestingPart {
  return {
    label,
    async open(lab, funder) {
      const { contract: token } = await openzeppelin.token.deploy(lab, funder);
      const lockup = await deployLockup(lab, funder);
      const batcher = await lab.deploy(
        funder,
        publishedArtifact(`${LOCKUP}/SablierBatchLockup.json`),
      );
      await lab.call(funder, token, "approve", [lockup.address, MaxUint256]);
      await lab.call(funder, token, "approve", [batcher.address, MaxUint256]);
      let lastId = 0n;
      return {
        async createOne(grant: Grant) {
          const params = {
            ...stream(funder, grant.beneficiary.address, grant),
            token: token.address,
            timestamps: { start: grant.startAt, end: grant.endAt },
          };
          const gas = await lab.call(funder, lockup, method, [params, ...single(grant)]);
          lastId += 1n;
          return { gas, claim: claimer(lab, lockup, lastId, grant) };
        },
        async createBatch(beneficiaries, terms) {
          const elements = beneficiaries.map((beneficiary) => ({
            ...stream(funder, beneficiary, terms),
            ...element(terms),
          }));
          return lab.call(funder, batcher, method, [lockup.address, token.address, elements]);
        },
      };
    },
  };
}

/** Withdraws a quarter twice, which is due by then, and the rest at the third call. */
function claimer(lab: Lab, lockup: Deployed, streamId: bigint, { amount, beneficiary }: Grant) {
  const quarter = amount / 4n;
  const portions = [quarter, quarter, amount - 2n * quarter];
  return () =>
    lab.call(beneficiary, lockup, "withdraw", [streamId, beneficiary.address, portions.shift()]);
}

function stream(funder: Wallet, recipient: string, { amount }: Terms) {
  return {
    sender: funder.address,
    recipient,
    depositAmount: amount,
    cancelable: true,
    transferable: true,
    shape: "",
  };
}

function quarters({ amount, startAt, endAt }: Terms) {
  const quarter = amount / 4n;
  return [1, 2, 3, 4].map((index) => ({
    amount: index === 4 ? amount - 3n * quarter : quarter,
    timestamp: startAt + ((endAt - startAt) / 4) * index,
  }));
}

async function deployLockup(lab: Lab, admin: Wallet): Promise<Deployed> {
  const comptrollerArtifact = publishedArtifact(`${UTILS}/SablierComptroller.json`);
  const implementation = await lab.deploy(admin, comptrollerArtifact, [admin.address]);
  const initialize = implementation.abi.encodeFunctionData("initialize", [
    ...[admin.address, 0, 0, 0, 0],
    ZeroAddress,
  ]);
  const comptroller = await lab.deploy(admin, publishedArtifact(`${UTILS}/ERC1967Proxy.json`), [
    implementation.address,
    initialize,
  ]);
  const descriptor = await lab.deploy(
    admin,
    publishedArtifact(`${LOCKUP}/LockupNFTDescriptor.json`),
  );

  const libraries: Record<string, string> = {};
  for (const name of ["LockupHelpers", "LockupMath"]) {
    const { bytecode } = publishedArtifact(`${LOCKUP}/libraries/${name}.json`);
    const library = { abi: [], bytecode }; // its public functions name types no ABI knows
    libraries[`src/libraries/${name}.sol:${name}`] = (await lab.deploy(admin, library)).address;
  }
  const lockup = link(publishedArtifact(`${LOCKUP}/SablierLockup.json`), libraries);
  return lab.deploy(admin, lockup, [comptroller.address, descriptor.address]);
}
