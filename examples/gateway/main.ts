/**
 * Runs the gateway until it is told to stop.
 *
 *   npm run gateway -- SETTINGS.json5
 *
 * SIGTERM and SIGINT end it after the requests that are being served, with everything settled. Anything harder loses
 * nothing: the next start goes on where this one was.
 */
import { runCommand, UsageError } from "../../tools/command.js";
import { openGateway } from "./open.js";
import { createServer } from "./server.js";
import { readSettings } from "./settings.js";

const USAGE = {
  command: "gateway",
  summary:
    "Runs the gateway until it is told to stop; examples/gateway/README.md explains the settings.",
  operands: {
    name: "FILE",
    help: "settings, such as a copy of examples/gateway/settings.example.json5",
  },
};

await runCommand(USAGE, async (_, [file, another]) => {
  if (file === undefined || another !== undefined)
    throw new UsageError("The gateway takes the name of one file with settings.");
  const settings = await readSettings(file);
  const { gateway, close } = await openGateway(settings, {
    log: (line) => {
      console.log(line);
    },
    onFailure: (error) => {
      console.error(error.message);
      process.exit(1);
    },
  });
  const server = createServer(gateway, settings);
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    await server.close();
    await close();
    console.log("the gateway is closed");
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      stop().catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
      });
    });

  const address = await server.listen({ host: settings.host, port: settings.port });
  console.log(`the gateway listens at ${address}`);
});
