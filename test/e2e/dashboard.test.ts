import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { formatEther } from "ethers";
import type { Browser } from "playwright-core";

import { publish } from "../../dashboard/commands/publish.js";
import { exactIn, openBrowser, openPage, serveFolder } from "../support/dashboard/browser.js";
import { seedChain, type SeededChain } from "../support/dashboard/seeded-chain.js";

const DEPLOYMENT = `gateway-test-dashboard-${process.pid}`;

describe("The page in Chromium (OBS-3)", function () {
  let chain: SeededChain;
  let browser: Browser;
  let folder: string;
  let site: { url: string; server: Server };

  before(async function () {
    folder = mkdtempSync(path.join(tmpdir(), "opa-dashboard-"));
    chain = await seedChain(DEPLOYMENT);
    await publish(folder, { rpc: chain.url, manifest: chain.manifest });
    site = await serveFolder(folder, "/any/path/");
    browser = await openBrowser();
  });

  after(async function () {
    await browser.close();
    site.server.close();
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows where the supply is, as the chain says, and adds it up", async function () {
    const { page, complaints } = await openPage(browser);
    await page.goto(`${site.url}#/supply`);
    await page.getByRole("table", { name: "Parts of the supply" }).waitFor();

    const supply = await chain.suite.lens.supply();
    const shown = await exactIn(page, "Parts of the supply", 2);
    expect(shown["burned"]).to.equal(opa(supply.burned));
    expect(shown["together"]).to.equal(opa(supply.initial));
    expect(complaints).to.deep.equal([]);
  });
});

function opa(wei: bigint): string {
  return formatEther(wei).replace(/\.0$/, "");
}
