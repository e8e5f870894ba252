/** Shared by the commands: streams, environment, and the way from options to a printed answer. */
import { EXIT_CODES, type Exit } from "../exit-codes.js";
import { carryOut, type SendingOptions } from "./carry-out.js";
import { toCliError } from "./errors.js";
import { requireActor, type Actor, type KeyOptions } from "./keys.js";
import type { Plan } from "./plan.js";
import type { Report } from "./report.js";
import { openSession, type ChainOptions, type Environment, type Session } from "./session.js";
import type { Terminal } from "./terminal.js";

/** Options of every command that reads the chain. */
export interface LookOptions extends ChainOptions {
  readonly json?: true;
}

/** Options of every command that changes the chain. */
export interface ActOptions extends LookOptions, KeyOptions, SendingOptions {}

/** An answer that also says whether it is a good one. */
export interface Answer {
  readonly report: Report;
  readonly exit?: Exit;
}

/** The surroundings of a run of `opa`. */
export class Context {
  readonly env: Environment;
  readonly terminal: Terminal;
  exitCode: number = EXIT_CODES.done.code;

  constructor(env: Environment, terminal: Terminal) {
    this.env = env;
    this.terminal = terminal;
  }

  /** Reads the chain and prints the answer. */
  async show(
    options: LookOptions,
    read: (session: Session, terminal: Terminal) => Promise<Report | Answer>,
  ): Promise<void> {
    this.terminal.json = options.json === true;
    const session = await this.#open(options);
    try {
      const answer = await this.terminal.during("Reading the chain", () =>
        read(session, this.terminal),
      );
      const { report, exit = "done" } = "report" in answer ? answer : { report: answer };
      this.terminal.report(report);
      this.exitCode = EXIT_CODES[exit].code;
    } catch (error) {
      throw toCliError(error, session.deployment);
    } finally {
      session.provider.destroy();
    }
  }

  #open(options: ChainOptions): Promise<Session> {
    return this.terminal.during("Asking the node", () => openSession(options, this.env));
  }

  /** Prints a message signed by an account. */
  async sign(
    options: LookOptions & KeyOptions,
    sign: (session: Session, actor: Actor) => Promise<string>,
  ): Promise<void> {
    const actor = await requireActor(options, this.env, this.terminal);
    const session = await this.#open(options);
    try {
      this.terminal.print(await sign(session, actor));
    } catch (error) {
      throw toCliError(error, session.deployment);
    } finally {
      session.provider.destroy();
    }
  }

  /** Plans a change, and shows it, sends it or writes it down. */
  async act(
    options: ActOptions,
    plan: (session: Session, actor: Actor) => Promise<Plan>,
  ): Promise<void> {
    this.terminal.json = options.json === true;
    const actor = await requireActor(options, this.env, this.terminal);
    const session = await this.#open(options);
    try {
      const planned = await this.terminal.during("Reading the chain", () => plan(session, actor));
      this.terminal.report(await carryOut(session, actor, planned, options, this.terminal));
    } catch (error) {
      throw toCliError(error, session.deployment);
    } finally {
      session.provider.destroy();
    }
  }
}

/** Examples by command, for its help and for docs/cli.md. */
export const EXAMPLES = new WeakMap<object, readonly string[]>();

/** Adds examples to the help of a command. */
export function withExamples<C extends { addHelpText(position: "after", text: string): unknown }>(
  command: C,
  ...examples: string[]
): C {
  EXAMPLES.set(command, examples);
  command.addHelpText(
    "after",
    `\nExample${examples.length === 1 ? "" : "s"}:\n${examples.map((line) => `  ${line}`).join("\n")}`,
  );
  return command;
}
