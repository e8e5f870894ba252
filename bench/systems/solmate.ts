import { compile, describeCompiler, packageVersion, type Compiler } from "../compile.js";
import { type System } from "../measure.js";

const COMPILER: Compiler = {
  npm: "solc-0.8.15",
  settings: {
    optimizer: { enabled: true, runs: 1_000_000 },
    evmVersion: "london",
    metadata: { bytecodeHash: "none" },
  },
};

/** solmate: a short ERC-20 in plain Solidity. */
export const solmate: System = {
  name: "solmate",
  version: packageVersion("solmate"),
  settings: describeCompiler(COMPILER),
  token: {
    async deploy(lab, holder) {
      const contract = await lab.deploy(holder, compile("SolmateToken", COMPILER));
      return { contract, domain: { name: "Bench", version: "1" } };
    },
  },
};
