/** Everything that a test of the page needs: a seeded chain, the page as static files on a server, and a browser. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Browser } from "playwright-core";

import { publish } from "../../../dashboard/publish.js";
import { openBrowser, serveFolder } from "./browser.js";
import { seedChain, type SeededChain } from "./seeded-chain.js";

/** A stage that is set. */
export interface Stage {
  readonly chain: SeededChain;
  readonly browser: Browser;
  /** Address of the page. */
  readonly url: string;
  close(): Promise<void>;
}

/** Suites that still need the stage, and the stage once the first of them runs. */
let users = 0;
let shared: Stage | undefined;

/** Gives a suite the stage, which it shares with every other suite of the run, in the state in which it was set. */
export function useStage(): () => Stage {
  let start: { restore(): Promise<void> } | undefined;
  users += 1;
  before(async function () {
    shared ??= await openStage(`dashboard-test-${process.pid}`);
    start = await shared.chain.connection.networkHelpers.takeSnapshot();
  });
  after(async function () {
    users -= 1;
    if (users > 0) await start?.restore();
    else await shared?.close();
  });
  return () => {
    if (!shared) throw new Error("The stage is there once the suite runs.");
    return shared;
  };
}

/** Sets the stage; the page is below a path, as on a shared file server. */
async function openStage(deploymentId: string): Promise<Stage> {
  const folder = mkdtempSync(path.join(tmpdir(), "opa-dashboard-"));
  const chain = await seedChain(deploymentId);
  await publish(folder, { rpc: chain.url, manifest: chain.manifest });
  const { url, server } = await serveFolder(folder, "/any/path/");
  const browser = await openBrowser();
  return {
    ...{ chain, browser, url },
    close: async () => {
      await browser.close();
      server.close();
      await chain.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
