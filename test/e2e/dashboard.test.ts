import { readFileSync, statSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { formatEther } from "ethers";
import type { Page } from "playwright-core";

import { runProgram } from "../../cli/program.js";
import {
  exactIn,
  findBarriers,
  findUnsourced,
  openPage,
  type WatchedPage,
} from "../support/dashboard/browser.js";
import { answerWithLines, LINE_AMOUNT } from "../support/dashboard/generated-events.js";
import { openProxy, type RpcProxy } from "../support/dashboard/rpc-proxy.js";
import { useStage, type Stage } from "../support/dashboard/stage.js";

const IMAGES = path.join(import.meta.dirname, "..", "..", "docs", "images");
const VIEWS = ["loop", "supply", "prices", "nodes", "votes", "safety", "account"];
/** Pixels of a phone, a tablet and a wide screen. */
const WIDTHS = [390, 820, 1_440] as const;
/** Each width in light; in dark only colours differ, which the phone and the wide screen lay out apart. */
const LOOKS = [
  ...WIDTHS.map((width) => [width, "light"] as const),
  ...([390, 1_440] as const).map((width) => [width, "dark"] as const),
];
const MANY_EVENTS = 100_000;
/** Milliseconds that the page may be busy at a time, on a machine that does much else beside. */
const LONGEST_TASK = 1_000;
/** Newest blocks, which are read again because they can change. */
const UNSETTLED = 64;

describe("The page in Chromium (OBS-3)", function () {
  const stageOf = useStage();
  let stage: Stage;
  let proxy: RpcProxy;
  let account: string;

  before(async function () {
    stage = stageOf();
    proxy = await openProxy(stage.chain.url);
    const { meter } = stage.chain.suite;
    const [, second] = await meter.queryFilter(meter.filters.KeySet());
    account = second?.args.account ?? "";
  });

  afterEach(function () {
    proxy.isDown = false;
    proxy.answer = () => undefined;
  });

  after(function () {
    proxy.close();
  });

  /** Opens a view and waits until everything on it is read. */
  async function open(page: Page, view: string, query = ""): Promise<void> {
    await page.goto(`${stage.url}${query}#/${view === "account" ? `account/${account}` : view}`);
    await page.locator("main table, main article").first().waitFor();
    await page.getByText("Reading…").waitFor({ state: "detached" });
    await page.locator("main .progress").waitFor({ state: "detached" });
  }

  describe("values", function () {
    it("are where the supply is, and add up to all there ever was", async function () {
      const { page, complaints } = await openPage(stage.browser);
      await open(page, "supply");

      const shown = await exactIn(page, "Parts of the supply", 2);

      const supply = await stage.chain.suite.lens.supply();
      const parts = [
        "burned",
        "unvested",
        "pool",
        "reserve",
        "credit",
        "staked",
        "locked",
      ] as const;
      for (const part of [...parts, "circulating"] as const)
        expect(shown[part], part).to.equal(opa(supply[part]));
      expect(shown["together"]).to.equal("800000000");
      const released = await exactIn(page, "Allocations that are released in stages", 4);
      const vested = await stage.chain.suite.vault.scheduleOf(stage.chain.treasurySchedule);
      expect(released["ecosystem"]).to.equal(opa(vested.vested));
      expect(complaints).to.deep.equal([]);
      await page.context().close();
    });

    it("are what epochs burned and released, and the bounds of the vault", async function () {
      const { page } = await openPage(stage.browser);
      await open(page, "loop");

      const columns = await Promise.all(
        [3, 5, 6, 8].map((column) => exactIn(page, "Burned and released by epoch", column)),
      );

      const current = await stage.chain.suite.meter.currentEpoch();
      let seen = 0;
      for (let epoch = current - 20n; epoch < current; epoch += 1n) {
        const closing = await stage.chain.suite.incentiveVault.closingOf(epoch);
        const { burned, released, kappaBps, stageCap } = closing;
        if (burned > 0n) seen += 1;
        const expected = [burned, (burned * kappaBps) / 10_000n, stageCap, released];
        expect(
          columns.map((column) => column[epoch.toString()]),
          `epoch ${epoch}`,
        ).to.deep.equal(expected.map(opa));
      }
      expect(seen).to.be.greaterThan(0);
      await page.context().close();
    });

    it("are prices, stakes, votes, rights and an account", async function () {
      const { page } = await openPage(stage.browser);
      const { lock, meter, nodes, registry } = stage.chain.suite;

      await open(page, "prices");
      const prices = await exactIn(page, "Prices in the running epoch", 2);
      for (let id = 1n; id <= (await registry.resourceCount()); id += 1n) {
        const { name, unitPrice } = await registry.resourceOf(id);
        expect(prices[name], name).to.equal(opa(unitPrice));
      }

      await open(page, "nodes");
      const stakes = await exactIn(page, "Stake of providers", 2);
      for (const provider of await nodes.nodesFrom(0, 25))
        expect(stakes[short(provider)]).to.equal(opa((await nodes.stakeOf(provider)).staked));

      await open(page, "votes");
      const votes = await exactIn(page, "Locks", 4);
      const [locker] = await lock.queryFilter(lock.filters.Locked());
      expect(votes[short(locker?.args.account ?? "")]).to.equal(
        opa(await lock.powerOf(locker?.args.account ?? "")),
      );
      await page.getByText('Calls announce of incentive-vault with parameter = "kappa"').waitFor();

      await open(page, "safety");
      await page.getByText("Every function asks for the role of the published table.").waitFor();
      await page.getByText("after 2 days").first().waitFor();

      await open(page, "account");
      const lines = await meter.queryFilter(meter.filters.LineSettled(account));
      const settled = lines.reduce((sum, { args }) => sum + args.amount, 0n);
      const figure = page.locator("dl div", { hasText: "Settled in all" }).locator("button");
      expect(await figure.getAttribute("value")).to.equal(opa(settled));
      const credit = page.locator("dl div", { hasText: "Credit, free" }).locator("button");
      expect(await credit.getAttribute("value")).to.equal(opa(await meter.creditOf(account)));
      expect(await page.getByRole("table", { name: "Keys" }).locator("tbody tr").count()).to.equal(
        1,
      );
      await page.context().close();
    });

    it("are saved as a bill in CSV that adds up to what settled", async function () {
      const { page } = await openPage(stage.browser);
      await open(page, "account");

      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save the bill as CSV" }).click(),
      ]);

      const [header = "", ...rows] = readFileSync(await download.path(), "utf8")
        .trim()
        .split("\r\n");
      expect(header).to.match(/^price epoch,.*,amount \(wei\),lines$/);
      const { meter } = stage.chain.suite;
      const lines = await meter.queryFilter(meter.filters.LineSettled(account));
      const billed = rows.reduce((sum, row) => sum + BigInt(row.split(",").at(-2) ?? 0), 0n);
      expect(billed).to.equal(lines.reduce((sum, { args }) => sum + args.amount, 0n));
      await page.context().close();
    });
  });

  describe("the node", function () {
    it("brings new blocks, and what they changed", async function () {
      const { page, complaints } = await openPage(stage.browser);
      await open(page, "supply");
      const before = await stage.chain.suite.token.totalSupply();

      const { beneficiary } = await stage.chain.suite.vault.scheduleOf(
        stage.chain.treasurySchedule,
      );
      const holder = await stage.chain.connection.ethers.getSigner(beneficiary);
      await (await stage.chain.suite.token.connect(holder).burn(10n ** 18n)).wait();

      const burned = 800_000_000n * 10n ** 18n - before + 10n ** 18n;
      await page.locator(`td data[value="${opa(burned)}"]`).waitFor({ timeout: 10_000 });
      const block = await stage.chain.connection.ethers.provider.getBlockNumber();
      await page.locator(`data.block[value="${block}"]`).waitFor();
      expect(complaints).to.deep.equal([]);
      await page.context().close();
    });

    it("is said to be dead, and read again once it answers", async function () {
      const { page } = await openPage(stage.browser);
      await open(page, "supply", `?rpc=${proxy.url}`);

      proxy.isDown = true;
      await page.getByRole("alert").getByText("What is shown is of block").first().waitFor();
      proxy.isDown = false;
      await page.getByRole("alert").first().waitFor({ state: "detached" });

      proxy.isDown = true;
      await page.reload();
      await page.getByText(`No node answers at ${proxy.url}.`).waitFor();
      await page.context().close();
    });

    it("is asked for, with the manifest, if nobody named it, and remembered", async function () {
      const { page, complaints } = await openPage(stage.browser);
      await page.route("**/config.json", (route) => route.fulfill({ body: "{}" }));
      await page.goto(stage.url);

      await page.getByLabel("Address of the node").fill("node");
      await page.getByRole("button", { name: "Read this node" }).click();
      await page.getByText("Choose the manifest of the deployment first.").waitFor();
      const file = page.getByLabel("Manifest of the deployment");
      const mimeType = "application/json";
      await file.setInputFiles({ name: "m.json", mimeType, buffer: Buffer.from("{}") });
      await page.getByRole("alert").getByText("The manifest").waitFor();
      await file.setInputFiles(stage.chain.manifest);
      await page.getByText("A manifest of chain 31337 is chosen.").waitFor();
      await page.getByRole("button", { name: "Read this node" }).click();
      await page.getByText('"node" is not the address of a node').waitFor();
      expect(await findBarriers(page)).to.deep.equal([]);

      await page.getByLabel("Address of the node").fill(stage.chain.url);
      await page.getByRole("button", { name: "Read this node" }).click();
      await page.getByRole("heading", { name: "Loop", level: 2 }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Loop", level: 2 }).waitFor();
      expect(complaints).to.deep.equal([]);
      await page.context().close();
    });

    it("is refused if it is on another chain, or has another deployment", async function () {
      const { page } = await openPage(stage.browser);
      proxy.answer = ({ method }) => (method === "eth_chainId" ? { result: "0x5" } : undefined);
      await page.goto(`${stage.url}?rpc=${proxy.url}`);
      await page.getByText("is on chain 5; the manifest is of chain 31337").waitFor();

      proxy.answer = ({ method }) => (method === "eth_getCode" ? { result: "0x" } : undefined);
      await page.getByText("has no contract at 0x").waitFor({ timeout: 10_000 });
      await page.context().close();
    });

    it("returns 100,000 events without freezing the page, and once only", async function () {
      const blocks = await stage.chain.connection.ethers.provider.getBlockNumber();
      const meter = await stage.chain.suite.meter.getAddress();
      proxy.answer = answerWithLines(account, meter, { count: MANY_EVENTS, blocks });
      const { page, complaints } = await openPage(stage.browser, { before: WATCH_TASKS });
      await page.goto(`${stage.url}?rpc=${proxy.url}#/account/${account}`);
      await page.getByText("History read to block").waitFor();
      const settled = page.locator("dl div", { hasText: "Settled in all" }).locator("button");
      await settled.waitFor({ timeout: 60_000 });

      expect(await settled.getAttribute("value")).to.equal(opa(BigInt(MANY_EVENTS) * LINE_AMOUNT));
      expect(await page.evaluate<number>("Math.max(0, ...longTasks)")).to.be.lessThan(LONGEST_TASK);
      await page.getByText("Rows 1 to 25 of 100,000").waitFor();

      proxy.calls.length = 0;
      await page.reload();
      await settled.waitFor({ timeout: 60_000 });
      const ranges = proxy.calls.flatMap(({ method, params: [filter] }) =>
        method === "eth_getLogs" ? [Number((filter as { fromBlock: string }).fromBlock)] : [],
      );
      expect(ranges).not.to.deep.equal([]);
      expect(Math.min(...ranges)).to.be.greaterThan(blocks - UNSETTLED);
      expect(complaints).to.deep.equal([]);
      await page.context().close();
    });
  });

  describe("a text of a stranger", function () {
    const markup = '<img src="x" onerror="intruder = true"><script>intruder = true</script>';
    const hostile = `${markup}\u001b[2J\u202e\nState: executed`;
    const shown = `${markup}\\u{1b}[2J\\u{202e}\\nState: executed`;
    let provider: string;
    let restore: () => Promise<void>;

    before(async function () {
      const { suite, connection } = stage.chain;
      const { ethers, networkHelpers } = connection;
      const start = await networkHelpers.takeSnapshot();
      restore = () => start.restore();
      [provider = ""] = await suite.nodes.nodesFrom(0, 1);
      const [earlier] = await suite.governor.queryFilter(suite.governor.filters.ProposalCreated());
      const proposer = earlier?.args.proposer ?? "";
      for (const account of [provider, proposer]) {
        await networkHelpers.impersonateAccount(account);
        await networkHelpers.setBalance(account, 10n ** 18n);
      }
      const uri = `https://x/${hostile}`;
      await suite.nodes.connect(await ethers.getSigner(provider)).setMetadata(uri);
      await suite.governor
        .connect(await ethers.getSigner(proposer))
        .propose([provider], [0n], ["0x"], hostile);
    });

    after(async function () {
      await restore();
    });

    for (const [view, name] of [
      ["nodes", "description of a provider"],
      ["votes", "description of a proposal"],
    ] as const)
      it(`is shown as it is and does nothing in the view ${view}: ${name}`, async function () {
        const { page, complaints } = await openPage(stage.browser);
        await open(page, view);

        await page.getByText(shown).first().waitFor();

        expect(await page.evaluate("globalThis.intruder")).to.equal(undefined);
        expect(await page.locator("main img, main script").count()).to.equal(0);
        expect(complaints).to.deep.equal([]);
        await page.context().close();
      });

    for (const command of [
      ["nodes"],
      ["node", "$PROVIDER"],
      ["proposals"],
      ["proposal", "3"],
      ["events"],
    ])
      it(`adds no line and no control to the output of opa ${command.join(" ")}`, async function () {
        const env = { OPA_RPC_URL: stage.chain.url, OPA_MANIFEST: stage.chain.manifest };
        const args = command.map((each) => each.replace("$PROVIDER", provider));
        let output = "";
        const sink = { write: (text: string) => (output += text) };

        const code = await runProgram(args, { out: sink, err: sink, env });

        expect(code, output).to.equal(0);
        const isList = ["nodes", "proposals"].includes(command[0] ?? ""); // shows a part of it
        expect(output.includes(shown), output).to.equal(!isList);
        expect(output).not.to.match(/[^\n\P{C}]/u);
        expect(output).not.to.match(/^State: executed/m);
      });
  });

  describe("everybody", function () {
    for (const view of VIEWS)
      describe(`in the view ${view}`, function () {
        let watched: WatchedPage;

        before(async function () {
          watched = await openPage(stage.browser);
          await open(watched.page, view);
        });

        after(async function () {
          await watched.page.context().close();
        });

        it(`finds the contract and the call of each number in ${view}`, async function () {
          expect(await findUnsourced(watched.page)).to.deep.equal([]);
        });

        it(`meets no barrier in ${view}, in light and dark, from phone to wide screen`, async function () {
          const { page, complaints } = watched;

          for (const [width, colorScheme] of LOOKS) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize({ width, height: 900 });
            const where = `${colorScheme} at ${width}`;
            expect(await findBarriers(page), where).to.deep.equal([]);
            const overflow = "document.documentElement.scrollWidth - innerWidth";
            expect(await page.evaluate<number>(overflow), where).to.equal(0);
          }

          expect(complaints).to.deep.equal([]);
        });
      });

    it("gets no script and no style that is not a file of the page", async function () {
      const { page, complaints } = await openPage(stage.browser);
      await open(page, "loop");

      await page.evaluate(`
        const script = document.createElement("script");
        script.textContent = "globalThis.intruder = true";
        document.head.append(script);
        document.body.setAttribute("style", "color: red");
      `);

      expect(await page.evaluate("globalThis.intruder")).to.equal(undefined);
      const stopped = complaints.filter((text) => text.startsWith("content security policy:"));
      expect(stopped).to.have.length(2);
      await page.context().close();
    });

    it("reaches the views by keyboard, and is told where the focus is", async function () {
      const { page } = await openPage(stage.browser);
      await open(page, "loop");

      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      expect(await page.evaluate<string>("document.activeElement.id")).to.equal("main");
      await page.getByRole("link", { name: "Supply" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Supply", level: 2 }).waitFor();
      expect(await page.evaluate<string>("document.activeElement.textContent")).to.equal("Supply");
      await page.context().close();
    });

    if (process.env["SCREENSHOTS"] === "1")
      for (const width of WIDTHS)
        it(`is pictured at a width of ${width}`, async function () {
          const { page } = await openPage(stage.browser, { width });
          await takePicture(page, width);
          await page.context().close();
        });
  });

  /** Takes the picture of the page that the documents show. */
  async function takePicture(page: Page, width: number): Promise<void> {
    const file = path.join(IMAGES, `dashboard-${width}.png`);
    await open(page, width === 390 ? "supply" : "loop");
    await page.screenshot({ path: file });
    expect(statSync(file).size).to.be.lessThan(200_000);
  }
});

/** Script that notes how long the page was busy at a time, in milliseconds. */
const WATCH_TASKS = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask", buffered: true });
`;

function opa(wei: bigint): string {
  return formatEther(wei).replace(/\.0$/, "");
}

function short(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}
