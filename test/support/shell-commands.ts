/** Commands of a script for bash that run in this process, which saves the start of a process for each of them. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";

/** Output and exit code of a command. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command, with its arguments and the exported variables of the script. */
export type Command = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => Promise<Outcome>;

/** Commands that scripts can run. */
export interface ShellCommands {
  /** Lines at the beginning of a script, which define `run_here NAME ARGUMENT...`. */
  readonly prelude: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/**
 * Serves commands by their names. Each runs in the folder of its script, one after the other; its output and its exit code
 * are those of `run_here`.
 */
export async function serveCommands(
  commands: Readonly<Record<string, Command>>,
): Promise<ShellCommands> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "opa-shell-"));
  let last = Promise.resolve();
  let count = 0;
  const answer = async (socket: Socket, request: string): Promise<void> => {
    const { name, cwd, args, env } = parse(request);
    const home = process.cwd();
    process.chdir(cwd);
    const { code, out, err } = await (commands[name] ?? unknown)(args, env)
      .catch((error: unknown) => ({ code: 1, out: "", err: String(error) }))
      .finally(() => {
        process.chdir(home);
      });
    const files = path.join(folder, `${(count += 1)}`);
    writeFileSync(`${files}.out`, out);
    writeFileSync(`${files}.err`, err);
    socket.end(`${code} ${files}\n`);
  };
  const server = createServer((socket) => {
    let request = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      request += part;
      if (request.endsWith("\0\0")) last = last.then(() => answer(socket, request));
    });
    socket.on("error", () => undefined); // the script was stopped
  });
  await once(server.listen(0, HOST), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    prelude: renderPrelude(port),
    close: async () => {
      server.close();
      await last;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a name, the folder, the arguments and the exported variables, each ended by NUL; gets the exit code and two files. */
function renderPrelude(port: number): string {
  return `run_here() {
  local code files name
  exec 3<>/dev/tcp/${HOST}/${port}
  {
    printf '%s\\0' "$1" "$PWD" "$(($# - 1))" "\${@:2}"
    while read -r name; do printf '%s=%s\\0' "$name" "\${!name}"; done < <(compgen -e)
    printf '\\0'
  } >&3
  read -r code files <&3
  exec 3>&-
  cat "$files.out"
  cat "$files.err" >&2
  return "$code"
}`;
}

function parse(request: string) {
  const [name = "", cwd = "", count = "", ...rest] = request.slice(0, -2).split("\0");
  const variables = rest.slice(Number(count)).map((variable): [string, string] => {
    const end = variable.indexOf("=");
    return [variable.slice(0, end), variable.slice(end + 1)];
  });
  return { name, cwd, args: rest.slice(0, Number(count)), env: Object.fromEntries(variables) };
}

const unknown: Command = () => Promise.resolve({ code: 127, out: "", err: "no such command\n" });
