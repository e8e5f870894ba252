import hre from "hardhat";

/** A test that bounds gas. A run with coverage skips it, because its counters cost gas too. */
export const itBoundsGas = hre.globalOptions.coverage ? it.skip : it;
