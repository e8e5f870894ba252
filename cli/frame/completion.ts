/** Completion of commands and options in a shell, from the commands themselves. */
import type { Command } from "@commander-js/extra-typings";

import { CliError } from "../exit-codes.js";

type AnyCommand = Pick<Command, "name" | "description" | "options" | "commands">;

/** Words that can follow each path of commands. */
function wordsByPath(command: AnyCommand, path = ""): [string, string[]][] {
  const options = [...command.options.flatMap(({ long }) => long ?? []), "--help"];
  const own: [string, string[]] = [
    path,
    [...command.commands.map((each) => each.name()), ...options],
  ];
  return [
    own,
    ...command.commands.flatMap((each) =>
      wordsByPath(each as unknown as AnyCommand, `${path}${path === "" ? "" : " "}${each.name()}`),
    ),
  ];
}

/** The script that a shell reads. @throws {CliError} for a shell without one. */
export function renderCompletion(program: AnyCommand, shell: string): string {
  const paths = wordsByPath(program);
  switch (shell) {
    case "bash":
      return renderBash(paths);
    case "zsh":
      return [
        "#compdef opa",
        "autoload -U +X bashcompinit && bashcompinit",
        renderBash(paths),
      ].join("\n");
    case "fish":
      return renderFish(paths);
    default:
      throw new CliError(
        "usage",
        `There is no completion for "${shell}"; there is one for bash, zsh and fish.`,
      );
  }
}

function renderBash(paths: readonly [string, string[]][]): string {
  const cases = paths.map(([path, words]) => `    "${path}") words="${words.join(" ")}" ;;`);
  const known = paths.map(([path]) => `"${path}"`).slice(1);
  return [
    "_opa() {",
    '  local path="" words="" word next',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    next="${path:+$path }$word"',
    `    case "$next" in ${known.join("|")}) path="$next" ;; esac`,
    "  done",
    '  case "$path" in',
    ...cases,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -o default -F _opa opa",
  ].join("\n");
}

function renderFish(paths: readonly [string, string[]][]): string {
  const lines = paths.flatMap(([path, words]) => {
    const isAt =
      path === ""
        ? "__fish_use_subcommand"
        : path
            .split(" ")
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join("; and ");
    const names = words.filter((word) => !word.startsWith("-"));
    const options = words.filter((word) => word.startsWith("--"));
    return [
      ...(names.length > 0 ? [`complete -c opa -f -n '${isAt}' -a '${names.join(" ")}'`] : []),
      ...options.map((option) => `complete -c opa -n '${isAt}' -l ${option.slice(2)}`),
    ];
  });
  return lines.join("\n");
}
