import os from "node:os";
import { Worker } from "node:worker_threads";

const IDLE_MS = 1_000;

interface Job {
  readonly input: string;
  readonly resolve: (output: string) => void;
  readonly reject: (reason: unknown) => void;
}

/** Compilers in threads of their own, one for each core, which stay loaded between jobs. */
export class CompilerPool {
  readonly #size: number;
  readonly #waiting: Job[] = [];
  readonly #idle: Worker[] = [];
  #busy = 0;
  #closing: NodeJS.Timeout | undefined;

  constructor(size = os.availableParallelism()) {
    this.#size = size;
  }

  /** Compiles a standard JSON input. The longest job that waits starts first, so that none is left alone at the end. */
  async compile(input: string): Promise<string> {
    clearTimeout(this.#closing);
    const output = new Promise<string>((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      this.#waiting.sort((a, b) => b.input.length - a.input.length);
    });
    this.#startNext();
    return output;
  }

  #startNext(): void {
    if (this.#busy === this.#size) return;
    const job = this.#waiting.shift();
    if (job) this.#run(job);
    else if (this.#busy === 0) this.#closeSoon();
  }

  #run({ input, resolve, reject }: Job): void {
    const worker = this.#idle.pop() ?? startCompiler();
    this.#busy += 1;
    worker.ref();
    const end = () => {
      this.#busy -= 1;
      worker.off("message", succeed).off("error", fail);
      worker.unref(); // an idle compiler does not keep the process alive
      this.#startNext();
    };
    const succeed = (output: string) => {
      this.#idle.push(worker);
      resolve(output);
      end();
    };
    const fail = (error: unknown) => {
      reject(error);
      end();
    };
    worker.once("message", succeed).once("error", fail);
    worker.postMessage(input);
  }

  /** Ends the compilers shortly after the last job, since each holds hundreds of megabytes. */
  #closeSoon(): void {
    this.#closing = setTimeout(() => {
      for (const worker of this.#idle.splice(0)) void worker.terminate();
    }, IDLE_MS).unref();
  }
}

function startCompiler(): Worker {
  return new Worker(new URL("worker.mjs", import.meta.url), { execArgv: [] });
}
