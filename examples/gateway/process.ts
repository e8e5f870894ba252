import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** How a gateway ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A gateway as a process of its own. */
export class GatewayProcess {
  /** Where it listens. */
  readonly url: string;
  /** Lines that it printed. */
  readonly lines: readonly string[];
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ending>;

  private constructor(
    url: string,
    lines: readonly string[],
    child: ChildProcess,
    ended: Promise<Ending>,
  ) {
    this.url = url;
    this.lines = lines;
    this.#child = child;
    this.#ended = ended;
  }

  /**
   * Starts a gateway with a file of settings and waits until it listens.
   *
   * @param bundle JavaScript made of main.ts, which starts sooner; without it main.ts itself runs.
   */
  static async start(settingsFile: string, bundle?: string): Promise<GatewayProcess> {
    const main = path.join(import.meta.dirname, "main.ts");
    const root = path.join(import.meta.dirname, "../..");
    const program = bundle === undefined ? ["--import", "tsx", main] : [bundle];
    const child = spawn(process.execPath, [...program, settingsFile], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "close").then(([code, signal]: unknown[]): Ending => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
    const lines: string[] = [];
    createInterface(child.stderr).on("line", (line) => lines.push(line));
    const url = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).on("line", (line) => {
        lines.push(line);
        const [, address] = /^the gateway listens at (\S+)$/.exec(line) ?? [];
        if (address !== undefined) resolve(address);
      });
      void ended.then(() => {
        reject(new Error(`The gateway ended: ${lines.join("; ")}`));
      });
    });
    return new GatewayProcess(url, lines, child, ended);
  }

  /** Suspends the process for some milliseconds and lets it go on. */
  async freeze(milliseconds: number): Promise<void> {
    this.#child.kill("SIGSTOP");
    await sleep(milliseconds);
    this.#child.kill("SIGCONT");
  }

  /** Sends a signal and waits for the end. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<Ending> {
    this.#child.kill(signal);
    return this.#ended;
  }
}
