/** Actions of a person on the page and beside it. */
import { expect } from "chai";
import type { Page } from "playwright-core";

import type { SeededChain } from "./seeded-chain.js";

/** Fills a form in and asks for its effect. */
export async function fill(
  page: Page,
  title: string,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  const form = page.getByRole("form", { name: title });
  for (const [name, value] of Object.entries(entries))
    await form.locator(`[name=${name}]`).fill(value);
  await form.locator("button[type=submit]").click();
}

/**
 * Checks that the plan says its effect in these words, and its gas and its fee, before the wallet is asked for anything.
 *  */
export async function expectDryRun(
  page: Page,
  ...words: readonly (string | RegExp)[]
): Promise<void> {
  const dialog = page.getByRole("dialog");
  const before = await page.evaluate<number>("testWallet.sent.length");
  await dialog.getByText("Simulated: it would succeed. Nothing was sent so far.").waitFor();
  for (const each of words) await dialog.getByText(each).first().waitFor();
  await dialog.getByText(/Gas: about [\d,]+ units\. Fee: at most \d/).waitFor();
  await dialog.getByText(/^Calls \w+\.\w+\(\).* at 0x\w{4}…\w{4}$/).waitFor();
  expect(await page.evaluate<number>("testWallet.sent.length")).to.equal(before);
}

/** Agrees to the last transaction of a plan and waits until it is mined. */
export async function agree(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Open the wallet" }).click();
  await page.getByText("Done. The page shows it with the next block.").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
}

/** Proposes another κ and waits until voting has begun; resolves to the number of the proposal. */
export async function proposeKappa(
  { connection, suite }: SeededChain,
  owner: string,
): Promise<bigint> {
  const { governor, incentiveVault } = suite;
  const { ethers, networkHelpers } = connection;
  await networkHelpers.mine(); // votes count from the block after the delegation
  const kappa = await incentiveVault.KAPPA();
  const announce = incentiveVault.interface.encodeFunctionData("announce", [kappa, 4_000n]);
  const target = await incentiveVault.getAddress();
  const propose = governor.connect(await ethers.getSigner(owner)).propose;
  await (await propose([target], [0n], [announce], "Lower κ to 40%")).wait();
  await networkHelpers.time.increase((await governor.votingDelay()) + 1n);
  const [created] = (await governor.queryFilter(governor.filters.ProposalCreated())).slice(-1);
  return created?.args.proposalId ?? 0n;
}
