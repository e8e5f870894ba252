import { MaxUint256, ZeroAddress, type Wallet } from "ethers";

import { compile, describeCompiler, packageVersion, type Compiler } from "../compile.js";
import { GENESIS, type Deployed, type Lab } from "../lab.js";
import {
  type GovernancePart,
  type Grant,
  type System,
  type TokenPart,
  type VestingPart,
} from "../measure.js";
import { measureDecisions } from "./votes.js";

const COMPILER: Compiler = {
  npm: "solc",
  settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: "cancun" },
};

const token: TokenPart = {
  async deploy(lab, holder) {
    const contract = await lab.deploy(holder, compile("OpenZeppelinToken", COMPILER));
    return { contract, domain: { name: "Bench", version: "1" } };
  },
};

const wallet: VestingPart = {
  label: "OpenZeppelin wallet",
  async open(lab, funder) {
    const { contract } = await token.deploy(lab, funder);
    const file = "@openzeppelin/contracts/finance/VestingWallet.sol";
    const artifact = compile("VestingWallet", COMPILER, file);
    return {
      async createOne(grant) {
        const { beneficiary, startAt, endAt } = grant;
        const opened = [beneficiary.address, startAt, endAt - startAt];
        return fund(lab, contract, await lab.deploy(funder, artifact, opened), funder, grant);
      },
    };
  },
};

const cliffWallet: VestingPart = {
  label: "OpenZeppelin wallet, cliff",
  async open(lab, funder) {
    const { contract } = await token.deploy(lab, funder);
    const artifact = compile("CliffWallet", COMPILER);
    const factory = await lab.deploy(funder, compile("CliffWalletFactory", COMPILER));
    await lab.call(funder, contract, "approve", [factory.address, MaxUint256]);
    return {
      async createOne(grant) {
        const { beneficiary, startAt, cliffAt, endAt } = grant;
        const opened = [beneficiary.address, startAt, endAt - startAt, cliffAt - startAt];
        return fund(lab, contract, await lab.deploy(funder, artifact, opened), funder, grant);
      },
      async createBatch(beneficiaries, { amount, startAt, cliffAt, endAt }) {
        const times = [startAt, endAt - startAt, cliffAt - startAt];
        const values = [contract.address, beneficiaries, amount, ...times];
        return lab.call(funder, factory, "create", values);
      },
    };
  },
};

const DAY = 86_400;
const VOTES = 5_000_000n * 10n ** 18n;

const governance: GovernancePart = {
  async measure(lab) {
    const admin = await lab.actor("admin");
    const votes = await lab.deploy(admin, compile("OpenZeppelinVotes", COMPILER));
    const file = "@openzeppelin/contracts/governance/TimelockController.sol";
    const timelock = await lab.deploy(admin, compile("TimelockController", COMPILER, file), [
      ...[2 * DAY, [], [ZeroAddress], admin.address],
    ]);
    const artifact = compile("OpenZeppelinGovernor", COMPILER);
    const governor = await lab.deploy(admin, artifact, [votes.address, timelock.address]);
    const { provider } = lab.connection.ethers;
    for (const name of ["PROPOSER_ROLE", "CANCELLER_ROLE"]) {
      const data = timelock.abi.encodeFunctionData(name);
      const role = await provider.call({ to: timelock.address, data });
      await lab.call(admin, timelock, "grantRole", [role, governor.address]);
    }
    const voters: Wallet[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      const voter = await lab.actor(`voter ${name}`);
      await lab.call(admin, votes, "transfer", [voter.address, 8n * VOTES]);
      await lab.call(voter, votes, "delegate", [voter.address]);
      voters.push(voter);
    }
    const calldata = (index: number) =>
      votes.abi.encodeFunctionData("approve", [admin.address, index]);
    const start = GENESIS + 3 * DAY;
    const target = votes.address;
    return measureDecisions(lab, { governor, name: "Bench", target, calldata, voters, start });
  },
};

/** Sends the granted amount to a wallet; the gas is that of deployment and funding together. */
async function fund(
  lab: Lab,
  asset: Deployed,
  opened: Deployed,
  funder: Grant["beneficiary"],
  { amount, beneficiary }: Grant,
) {
  const funding = await lab.call(funder, asset, "transfer", [opened.address, amount]);
  return {
    gas: opened.gas + funding,
    claim: () => lab.call(beneficiary, opened, "release(address)", [asset.address]),
  };
}

/** OpenZeppelin Contracts: the ordinary token, and one vesting wallet contract per schedule. */
export const openzeppelin: System & { readonly token: TokenPart } = {
  name: "OpenZeppelin",
  version: packageVersion("@openzeppelin/contracts"),
  settings: describeCompiler(COMPILER),
  token,
  vesting: [wallet, cliffWallet],
  governance,
};
