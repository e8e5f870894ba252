import type { HardhatPlugin } from "hardhat/types/plugins";

/** Compiles on every core with compilers that stay loaded, and reports how far a long build is. */
const compilerPlugin: HardhatPlugin = {
  id: "opa-compiler",
  hookHandlers: { solidity: () => import("./hooks.js") },
};

export default compilerPlugin;
