import { MaxUint256 } from "ethers";

import { compile, describeCompiler, packageVersion, type Compiler } from "../compile.js";
import { type Deployed, type Lab } from "../lab.js";
import { type Grant, type System, type TokenPart, type VestingPart } from "../measure.js";

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
};
