import { expect } from "chai";

import { agree, fill, proposeKappa } from "../support/dashboard/actions.js";
import { findBarriers, openPage } from "../support/dashboard/browser.js";
import { openStage, type Stage } from "../support/dashboard/stage.js";
import { walletScript } from "../support/dashboard/wallet.js";

describe("A wallet on the page (OBS-3)", function () {
  let stage: Stage;

  before(async function () {
    stage = await openStage(`dashboard-wallet-test-${process.pid}`);
  });

  after(async function () {
    await stage.close();
  });

  it("deposits, withdraws, locks, delegates, votes and claims, each after a dry run", async function () {
    const { lock, meter, token, vault } = stage.chain.suite;
    const { beneficiary: owner } = await vault.scheduleOf(stage.chain.treasurySchedule);
    const before = walletScript(stage.chain.url, owner);
    const { page, complaints } = await openPage(stage.browser, { before });
    await page.goto(`${stage.url}#/account/${owner}`);
    await page.getByRole("button", { name: "Connect Test wallet" }).click();

    await fill(page, "Withdraw free credit", { amount: "5" });
    await page.getByText("Meter insufficient credit").waitFor();
    expect(await page.getByRole("button", { name: "Open the wallet" }).isDisabled()).to.equal(true);
    await page.getByRole("button", { name: "Cancel" }).click();

    await fill(page, "Deposit", { amount: "10" });
    await page.getByText("The free credit of").getByText("rises from 0 to 10 OPA").waitFor();
    await page.getByText("Nothing was sent so far").waitFor();
    expect(await findBarriers(page)).to.deep.equal([]);
    expect(await page.evaluate<number>("testWallet.sent.length")).to.equal(0);
    await agree(page);
    expect(await meter.creditOf(owner)).to.equal(10n * 10n ** 18n);

    await fill(page, "Withdraw free credit", { amount: "4" });
    await agree(page);
    expect(await meter.creditOf(owner)).to.equal(6n * 10n ** 18n);

    const held = await token.balanceOf(owner);
    await fill(page, "Claim what has vested", {});
    await agree(page);
    expect(await token.balanceOf(owner)).to.be.greaterThan(held);

    await page.getByRole("link", { name: "Votes" }).click();
    const locked = (await lock.lockOf(owner)).amount;
    await fill(page, "Lock, or add to your lock", { amount: "7" });
    await page.getByText("Transaction 1 of 2: Allow the governance lock").waitFor();
    await page.getByRole("button", { name: "Open the wallet" }).click();
    await page.getByText("Transaction 2 of 2").waitFor();
    await agree(page);
    expect((await lock.lockOf(owner)).amount).to.equal(locked + 7n * 10n ** 18n);

    await fill(page, "Delegate your votes", { delegatee: owner });
    await agree(page);
    expect(await lock.delegates(owner)).to.equal(owner);

    expect(await findBarriers(page)).to.deep.equal([]);
    const id = await proposeKappa(stage.chain, owner);
    await page.getByRole("button", { name: "Vote for" }).click({ timeout: 15_000 });
    await page.getByText("The votes for rise from 0 to").waitFor();
    await agree(page);
    expect(await stage.chain.suite.governor.hasVoted(id, owner)).to.equal(true);
    expect((await stage.chain.suite.governor.proposalVotes(id)).forVotes).to.be.greaterThan(0n);
    expect(complaints).to.deep.equal([]);
    await page.context().close();
  });

  it("sends nothing on another chain, or if it refuses", async function () {
    const { beneficiary: owner } = await stage.chain.suite.vault.scheduleOf(
      stage.chain.treasurySchedule,
    );
    const before = walletScript(stage.chain.url, owner);
    const { page } = await openPage(stage.browser, { before });
    await page.goto(`${stage.url}#/account/${owner}`);
    await page.getByRole("button", { name: "Connect Test wallet" }).click();
    await fill(page, "Deposit", { amount: "1" });

    await page.evaluate('testWallet.chainId = "0x1"');
    await page.getByRole("button", { name: "Open the wallet" }).click();
    await page.getByText("The wallet is on chain 1, the page on chain 31337.").waitFor();
    await page.evaluate("testWallet.chainId = undefined; testWallet.refuses = true");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("User rejected the request.").waitFor();

    expect(await page.evaluate<number>("testWallet.sent.length")).to.equal(0);
    await page.context().close();
  });

  it("claims rewards for whoever earned them", async function () {
    const { pool, nodes, vault, token } = stage.chain.suite;
    const { beneficiary: owner } = await vault.scheduleOf(stage.chain.treasurySchedule);
    const providers = [...(await nodes.nodesFrom(0, 25))];
    const owed = await Promise.all(providers.map((provider) => pool.claimableOf(provider)));
    const earner = providers[owed.findIndex((amount) => amount > 0n)] ?? "";
    const payout = await pool.payoutOf(earner);
    const held = await token.balanceOf(payout);
    const before = walletScript(stage.chain.url, owner);
    const { page } = await openPage(stage.browser, { before });
    await page.goto(`${stage.url}#/account/${earner}`);
    await page.getByRole("button", { name: "Connect Test wallet" }).click();

    await fill(page, "Claim rewards", {});
    await page.getByText(/receives [\d,.]+ OPA/).waitFor();
    await agree(page);

    expect(await token.balanceOf(payout)).to.be.greaterThan(held);
    await page.context().close();
  });
});
