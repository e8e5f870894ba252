/** Commands for faults of providers. */
import type { Command } from "@commander-js/extra-typings";

import { planAnnouncement, planExecution, planProof } from "../act/faults.js";
import { withExamples, type Context } from "../frame/context.js";
import { withChain, withSending } from "../frame/options.js";
import { showFaults } from "../look/faults.js";

const PROVIDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

/** Adds the commands that show, announce, execute and prove faults. */
export function addFaultCommands(program: Command, context: Context): void {
  const fault = withExamples(
    withChain(program.command("fault").description("Show faults of providers, or act on one."))
      .option("--all", "also those that were vetoed or executed, or have lapsed")
      .action((options) =>
        context.show(options, (session, terminal) =>
          showFaults(session, terminal, options.all === true),
        ),
      ),
    "opa fault",
  );
  withExamples(
    withSending(
      fault.command("announce").description("Announce a fault of a provider as the reporter."),
    )
      .argument("<provider>", "its address")
      .requiredOption("--bps <number>", "share of its stake to slash, in basis points: 500 is 5%")
      .requiredOption(
        "--evidence <text>",
        "hash of the evidence of 32 bytes, or a text whose hash counts",
      )
      .option("--uri <uri>", "where the evidence is")
      .action((provider, options) =>
        context.act(options, (session) => planAnnouncement(session, provider, options)),
      ),
    `opa fault announce ${PROVIDER} --bps 500 --evidence "ticket 17" --uri https://reporter.example/17 --send`,
  );
  withExamples(
    withSending(
      fault.command("execute").description("Slash for a fault that nobody vetoed in time."),
    )
      .argument("<id>", 'its number in "opa fault"')
      .action((id, options) => context.act(options, (session) => planExecution(session, id))),
    "opa fault execute 1 --send",
  );
  withExamples(
    withSending(
      fault
        .command("prove")
        .description("Have a provider slashed whose key signed two receipts for one request."),
    )
      .requiredOption("--first <file>", "a signed receipt of the library as JSON")
      .requiredOption("--second <file>", "another one for the same request")
      .action((options) =>
        context.act(options, (session, actor) => planProof(session, actor, options)),
      ),
    "opa fault prove --first one.json --second other.json --send",
  );
}
