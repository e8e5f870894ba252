/** The page in a real Chromium, with everything that it complains about. */
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

import chromium from "@sparticuz/chromium";
import { chromium as browsers, type Browser, type Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Makes the browser report violations of the page's content security policy. */
const REPORT_VIOLATIONS = `addEventListener("securitypolicyviolation", (event) => {
  console.error("content security policy: " + event.violatedDirective + " stopped " + event.blockedURI);
});`;

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/** Flags of the package for cloud functions that would switch off the rules that pages live under. */
const UNLIKE_A_BROWSER = [
  ...["--single-process", "--no-zygote", "--disable-web-security"],
  ...["--allow-running-insecure-content", "--disable-site-isolation-trials"],
];

/** Flags that draw through an emulated graphics card. Without it all tests of the page take a quarter less of processor time. */
const EMULATED_CARD = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/** Starts Chromium from the npm registry, without a graphics card. */
export async function openBrowser(): Promise<Browser> {
  chromium.setGraphicsMode = false;
  const left = [...UNLIKE_A_BROWSER, ...EMULATED_CARD];
  return browsers.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((flag) => !left.includes(flag)), "--disable-gpu"],
    headless: true,
  });
}

/** Serves a folder below a path, as a plain file server does. */
export async function serveFolder(
  folder: string,
  below: string,
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const name = pathname.startsWith(below) ? pathname.slice(below.length) : undefined;
    const file = path.join(folder, name === undefined || name === "" ? "index.html" : name);
    if (name === undefined || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "text/plain" });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { url: `http://127.0.0.1:${address.port}${below}`, server };
}

/**
 * A page with its complaints: console errors, exceptions, and violations of the content security
 * policy.
 */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

/** Opens a page. Reduced motion and a fixed size keep screenshots alike. */
export async function openPage(
  browser: Browser,
  options: {
    readonly width?: number;
    readonly colours?: "light" | "dark";
    /** Script that runs before those of the page. */
    readonly before?: string;
  } = {},
): Promise<WatchedPage> {
  const { width = 1_440, colours = "light", before } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: colours,
    locale: "en-US",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.addInitScript({ content: REPORT_VIOLATIONS });
  if (before !== undefined) await page.addInitScript({ content: before });
  return { page, complaints };
}

/** Violations of any rule that axe finds, each with its place. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated by the browser itself, so the policy of the page does not apply to it.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(
    'axe.run({ resultTypes: ["violations"] })',
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 300)}`),
  );
}

/**
 * Texts of the content with a digit that have no source on hover. Excepted are addresses, whose title is the whole address,
 * signatures of functions, forms, and the buttons that turn pages.
 */
export async function findUnsourced(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      if (!/\\d/.test(data) || parentElement.closest("form, .paging, .address, code")) continue;
      const source = parentElement.closest("[title]")?.title ?? "";
      if (!/Source: .+/.test(source)) found.push(data.trim().slice(0, 100));
    }
    return found;
  })()`);
}

/** Exact values of a column of a table, by the text of the first column; the column counts from 1. */
export async function exactIn(
  page: Page,
  caption: string,
  column: number,
): Promise<Record<string, string>> {
  const rows = await page.getByRole("table", { name: caption }).locator("tbody tr").all();
  const entries = rows.map(async (row) => [
    (await row.locator("th").innerText()).trim(),
    (await row.locator(`td:nth-child(${column}) data`).getAttribute("value")) ?? "",
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}
