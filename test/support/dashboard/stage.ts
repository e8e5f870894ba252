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

/** Sets the stage; the page is below a path, as on a shared file server. */
export async function openStage(deploymentId: string): Promise<Stage> {
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
