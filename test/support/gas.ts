import hre from "hardhat";

/**
 * A test that bounds gas. A run with coverage skips it, because its counters cost gas too. Mocha gives each file an `it` of
 * its own, so the function is looked up here and not when this module loads.
 */
export function itBoundsGas(title: string, test: Mocha.AsyncFunc): void {
  const declare = hre.globalOptions.coverage ? it.skip : it;
  declare(title, test);
}
