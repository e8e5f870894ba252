import { Command, CommanderError } from "@commander-js/extra-typings";

import {
  addConsumerCommands,
  addGovernanceCommands,
  addHolderCommands,
  addProviderCommands,
} from "./commands/act.js";
import { addFaultCommands } from "./commands/faults.js";
import { addLookCommands, addLookGroups } from "./commands/look.js";
import { CliError, EXIT_CODES } from "./exit-codes.js";
import { renderCompletion } from "./frame/completion.js";
import { Context, withExamples } from "./frame/context.js";
import { toCliError } from "./frame/errors.js";
import { Terminal, type TerminalOptions } from "./frame/terminal.js";

/** All commands of `opa`. */
export function createProgram(context: Context, { out, err }: TerminalOptions): Command {
  const program = new Command("opa")
    .description(
      "Look at an OPA system and act in it. What changes the chain is a dry run unless --send is given.",
    )
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      outputError: () => undefined, // printed once, by runProgram
      getOutHelpWidth: () => 100,
    })
    .helpCommand(false)
    .addHelpText("after", () => `\n${renderExitCodes().join("\n")}`);

  addLookCommands(program, context);
  const groups = addLookGroups(program, context);
  addConsumerCommands(program, context, groups);
  addProviderCommands(program, context, groups);
  addHolderCommands(context, groups);
  addGovernanceCommands(program, context);
  addFaultCommands(program, context);
  withExamples(
    program
      .command("completion")
      .description("Print a script that completes commands and options in a shell.")
      .argument("<shell>", "bash, zsh or fish")
      .action((shell) => {
        context.terminal.print(renderCompletion(program, shell));
      }),
    "opa completion bash > ~/.local/share/bash-completion/completions/opa",
  );
  return program;
}

/** Runs `opa` with arguments; resolves to its exit code. */
export async function runProgram(
  args: readonly string[],
  options: TerminalOptions,
): Promise<number> {
  const terminal = new Terminal(options);
  const context = new Context(options.env, terminal);
  const program = createProgram(context, options);
  terminal.json = args.includes("--json");
  try {
    await program.parseAsync([...args], { from: "user" });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return explainUsage(error, terminal);
    const { message, exit } = error instanceof CliError ? error : toCliError(error);
    terminal.error(message, EXIT_CODES[exit].code);
    return EXIT_CODES[exit].code;
  }
}

/** The exit codes as lines. */
export function renderExitCodes(): string[] {
  return [
    "Exit codes:",
    ...Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${code}: ${meaning}`),
  ];
}

/** An error of the command line in a sentence; help that was asked for is none. */
function explainUsage({ code, message, exitCode }: CommanderError, terminal: Terminal): number {
  if (exitCode === 0) return EXIT_CODES.done.code;
  const sentence =
    code === "commander.help"
      ? "Name a command."
      : `${sentenceOf(message)} "opa --help" and "opa <command> --help" list what there is.`;
  terminal.error(sentence, EXIT_CODES.usage.code);
  return EXIT_CODES.usage.code;
}

function sentenceOf(message: string): string {
  const text = message
    .replace(/^error: /, "")
    .replace(/\n\((.*)\)$/, ". $1")
    .trim();
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
