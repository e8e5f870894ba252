import { expect } from "chai";

import { agree, expectDryRun, fill, proposeKappa } from "../support/dashboard/actions.js";
import { findBarriers, openPage, type WatchedPage } from "../support/dashboard/browser.js";
import { useStage, type Stage } from "../support/dashboard/stage.js";
import { walletScript } from "../support/dashboard/wallet.js";

const OPA = 10n ** 18n;
const WEEK = 604_800n;

describe("A wallet on the page (OBS-3)", function () {
  const stageOf = useStage();
  let stage: Stage;

  before(function () {
    stage = stageOf();
  });

  describe("of an account with vested OPA", function () {
    let watched: WatchedPage;
    let owner: string;

    before(async function () {
      owner = (await stage.chain.suite.vault.scheduleOf(stage.chain.treasurySchedule)).beneficiary;
      watched = await connect(owner);
    });

    after(async function () {
      expect(watched.complaints).to.deep.equal([]);
      await watched.page.context().close();
    });

    it("cannot be opened for a withdrawal that would fail, and the page says why", async function () {
      const { page } = watched;

      await fill(page, "Withdraw free credit", { amount: "5" });

      await page
        .getByText(/has 0 OPA of free credit, and 5 OPA were asked for\..*Nothing was sent\.$/)
        .waitFor();
      const open = page.getByRole("button", { name: "Open the wallet" });
      expect(await open.isDisabled()).to.equal(true);
      await page.getByRole("button", { name: "Cancel" }).click();
    });

    it("deposits after a dry run in words", async function () {
      const { page } = watched;

      await fill(page, "Deposit", { amount: "10" });
      await expectDryRun(
        page,
        /The free credit of .* rises from 0 to 10 OPA/,
        /What you hold falls/,
      );
      expect(await findBarriers(page)).to.deep.equal([]);
      await agree(page);

      expect(await stage.chain.suite.meter.creditOf(owner)).to.equal(10n * OPA);
    });

    it("withdraws after a dry run in words", async function () {
      const { page } = watched;

      await fill(page, "Withdraw free credit", { amount: "4" });
      await expectDryRun(page, "Your free credit falls from 10 to 6 OPA.", /What you hold rises/);
      await agree(page);

      expect(await stage.chain.suite.meter.creditOf(owner)).to.equal(6n * OPA);
    });

    it("claims vested OPA after a dry run in words", async function () {
      const { page } = watched;
      const { token } = stage.chain.suite;
      const held = await token.balanceOf(owner);

      await fill(page, "Claim what has vested", {});
      await expectDryRun(page, /What you hold rises from [\d,.]+ to [\d,.]+ OPA\./);
      await agree(page);

      expect(await token.balanceOf(owner)).to.be.greaterThan(held);
    });

    it("locks in two transactions, each after a dry run in words", async function () {
      const { page } = watched;
      const { lock } = stage.chain.suite;
      const locked = (await lock.lockOf(owner)).amount;

      await page.getByRole("link", { name: "Votes" }).click();
      await fill(page, "Lock, or add to your lock", { amount: "7" });
      await page.getByText("Transaction 1 of 2: Allow the governance lock").waitFor();
      await expectDryRun(page, /What the lock may take rises from 0 to 7 OPA/);
      await page.getByRole("button", { name: "Open the wallet" }).click();
      await page.getByText("Transaction 2 of 2").waitFor();
      await expectDryRun(page, /Your locked OPA rises/, /Nobody can take the OPA out before/);
      await agree(page);

      expect((await lock.lockOf(owner)).amount).to.equal(locked + 7n * OPA);
    });

    it("delegates after a dry run in words", async function () {
      const { page } = watched;

      await fill(page, "Delegate your votes", { delegatee: owner });
      await expectDryRun(page, /votes count for .* in place of/, /has [\d,.]+ votes before/);
      await agree(page);

      expect(await stage.chain.suite.lock.delegates(owner)).to.equal(owner);
      expect(await findBarriers(page)).to.deep.equal([]);
    });

    it("votes after a dry run in words", async function () {
      const { page } = watched;
      const { governor } = stage.chain.suite;
      const id = await proposeKappa(stage.chain, owner);

      await page.getByRole("button", { name: "Vote for" }).click({ timeout: 15_000 });
      await expectDryRun(page, /The votes for rise from 0 to/, /A vote cannot be changed/);
      await agree(page);

      expect(await governor.hasVoted(id, owner)).to.equal(true);
      expect((await governor.proposalVotes(id)).forVotes).to.be.greaterThan(0n);
    });
  });

  describe("of a new locker", function () {
    let watched: WatchedPage;
    let owner: string;

    before(async function () {
      const { token, vault } = stage.chain.suite;
      const { ethers } = stage.chain.connection;
      const { beneficiary } = await vault.scheduleOf(stage.chain.treasurySchedule);
      const funder = await ethers.getSigner(beneficiary);
      owner = (await ethers.getSigners()).at(-1)?.address ?? "";
      await (await token.connect(funder).transfer(owner, 3n * OPA)).wait();
      watched = await connect(owner, "votes");
      await fill(watched.page, "Lock, or add to your lock", { amount: "3", weeks: "2" });
      await watched.page.getByRole("button", { name: "Open the wallet" }).click();
      await watched.page.getByText("Transaction 2 of 2").waitFor();
      await agree(watched.page);
    });

    after(async function () {
      expect(watched.complaints).to.deep.equal([]);
      await watched.page.context().close();
    });

    it("extends a lock after a dry run in words", async function () {
      const { page } = watched;
      const { lock } = stage.chain.suite;
      const { end } = await lock.lockOf(owner);

      await fill(page, "Extend your lock", { weeks: "3" });
      await expectDryRun(page, /Your lock ends at .* in place of/);
      await agree(page);

      expect((await lock.lockOf(owner)).end).to.equal(end + WEEK);
    });

    it("takes nothing out of a lock that runs, and the page says why", async function () {
      const { page } = watched;

      await fill(page, "Withdraw an ended lock", {});

      await page.getByText(/^The lock of .* can be withdrawn at .*Nothing was sent\.$/).waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
    });

    it("withdraws an ended lock after a dry run in words", async function () {
      const { page } = watched;
      const { lock, token } = stage.chain.suite;
      await stage.chain.connection.networkHelpers.time.increaseTo((await lock.lockOf(owner)).end);

      await fill(page, "Withdraw an ended lock", {});
      await expectDryRun(page, "What you hold rises from 0 to 3 OPA.");
      await agree(page);

      expect(await token.balanceOf(owner)).to.equal(3n * OPA);
      expect((await lock.lockOf(owner)).amount).to.equal(0n);
    });
  });

  it("sends nothing on another chain, or if it refuses", async function () {
    const { beneficiary: owner } = await stage.chain.suite.vault.scheduleOf(
      stage.chain.treasurySchedule,
    );
    const { page } = await connect(owner);
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

  it("sends nothing once it has another account, and asks for the connection again", async function () {
    const { vault } = stage.chain.suite;
    const { beneficiary: owner } = await vault.scheduleOf(stage.chain.treasurySchedule);
    const other = (await stage.chain.connection.ethers.getSigners()).at(-1)?.address ?? "";
    const { page } = await connect(owner);
    await fill(page, "Deposit", { amount: "1" });

    await page.evaluate(`testWallet.switchTo("${other}", true)`); // a wallet that tells nobody
    await page.getByRole("button", { name: "Open the wallet" }).click();
    await page.getByText(/^The wallet no longer offers .*; connect it again\.$/).waitFor();
    await page.evaluate(`testWallet.switchTo("${other}")`); // a wallet that says so
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.locator(".wallet").getByText(other.slice(-4)).waitFor();
    await page.evaluate("testWallet.switchTo(undefined)");
    await page.getByRole("button", { name: "Connect Test wallet" }).waitFor();

    expect(await page.evaluate<number>("testWallet.sent.length")).to.equal(0);
    await page.context().close();
  });

  it("claims rewards for their earner after a dry run in words", async function () {
    const { pool, nodes, vault, token } = stage.chain.suite;
    const { beneficiary: owner } = await vault.scheduleOf(stage.chain.treasurySchedule);
    const providers = [...(await nodes.nodesFrom(0, 25))];
    const owed = await Promise.all(providers.map((provider) => pool.claimableOf(provider)));
    const earner = providers[owed.findIndex((amount) => amount > 0n)] ?? "";
    const payout = await pool.payoutOf(earner);
    const held = await token.balanceOf(payout);
    const { page } = await connect(owner, `account/${earner}`);

    await fill(page, "Claim rewards", {});
    await expectDryRun(page, /receives [\d,.]+ OPA/);
    await agree(page);

    expect(await token.balanceOf(payout)).to.be.greaterThan(held);
    await page.context().close();
  });

  /** Opens a view, by default the account's own, with a wallet that has this account, and connects it. */
  async function connect(account: string, view = `account/${account}`): Promise<WatchedPage> {
    const before = walletScript(stage.chain.url, account);
    const watched = await openPage(stage.browser, { before });
    await watched.page.goto(`${stage.url}#/${view}`);
    await watched.page.getByRole("button", { name: "Connect Test wallet" }).click();
    return watched;
  }
});
