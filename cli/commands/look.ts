/** Commands that read. */
import type { Command } from "@commander-js/extra-typings";

import type { Context } from "../frame/context.js";
import { withExamples } from "../frame/context.js";
import { findActor, requireActor, type KeyOptions } from "../frame/keys.js";
import { parseAddress } from "../frame/names.js";
import { withChain, withKey } from "../frame/options.js";
import { parseCount } from "../frame/quantities.js";
import { showAccount } from "../look/account.js";
import { examine } from "../look/doctor.js";
import { showEpochs } from "../look/epochs.js";
import { showEvents } from "../look/events.js";
import { showKeys } from "../look/keys.js";
import { showLine } from "../look/line.js";
import { showLock } from "../look/lock.js";
import { showNode, showNodes } from "../look/nodes.js";
import { showPrices } from "../look/prices.js";
import { showProposal, showProposals } from "../look/proposals.js";
import { showReserve } from "../look/reserve.js";
import { showSafety } from "../look/safety.js";
import { showSchedule, showSchedules } from "../look/schedule.js";
import { showStatus } from "../look/status.js";
import { showSupply } from "../look/supply.js";

const SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const PROVIDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

/** Adds the commands that read and have no others below them. */
export function addLookCommands(program: Command, context: Context): void {
  withExamples(
    withChain(program.command("status").description("Show the system on one screen.")).action(
      (options) => context.show(options, showStatus),
    ),
    "opa status",
    "opa status --network sepolia --json",
  );
  withExamples(
    withChain(program.command("supply").description("Show where all OPA is, with the sum.")).action(
      (options) => context.show(options, showSupply),
    ),
    "opa supply",
  );
  withExamples(
    withChain(
      program
        .command("epochs")
        .description("Show burned and released OPA by epoch, with κ and the stage cap."),
    )
      .option("--last <number>", "so many epochs up to the running one (7)")
      .option("--from <epoch>", "first epoch")
      .option("--to <epoch>", "last epoch (the running one)")
      .action((options) => context.show(options, (session) => showEpochs(session, options))),
    "opa epochs --last 30",
  );
  withExamples(
    withChain(program.command("prices").description("Show prices, bounds and load of resources."))
      .argument("[resource]", "name of a resource, for every price that can still settle")
      .action((resource, options) =>
        context.show(options, (session) => showPrices(session, resource)),
      ),
    "opa prices",
    "opa prices input-token",
  );
  withExamples(
    withChain(
      program
        .command("account")
        .description("Show credit, reservations, limits and holdings of an account."),
    )
      .argument("<account>", "its address")
      .action((account, options) =>
        context.show(options, (session, terminal) =>
          showAccount(session, terminal, parseAddress(account)),
        ),
      ),
    `opa account ${SOMEBODY}`,
  );
  withExamples(
    withChain(
      program.command("line").description("Show what is settled for an account at a provider."),
    )
      .argument("<account>", "address of the account")
      .argument("<provider>", "address of the provider")
      .argument("[resource]", "name of a resource")
      .action((account, provider, resource, options) =>
        context.show(options, (session) =>
          showLine(session, parseAddress(account), parseAddress(provider, "a provider"), resource),
        ),
      ),
    `opa line ${SOMEBODY} ${PROVIDER} input-token`,
  );
  withExamples(
    withChain(program.command("keys").description("Show admins, projects and keys of an account."))
      .argument("<account>", "its address")
      .action((account, options) =>
        context.show(options, (session, terminal) =>
          showKeys(session, terminal, parseAddress(account)),
        ),
      ),
    `opa keys ${SOMEBODY}`,
  );
  withExamples(
    withChain(program.command("nodes").description("Show all providers.")).action((options) =>
      context.show(options, showNodes),
    ),
    "opa nodes",
  );
  withExamples(
    withChain(program.command("proposals").description("Show proposals with their state."))
      .option("--open", "only those in which something is still to be done")
      .action((options) =>
        context.show(options, (session, terminal) =>
          showProposals(session, terminal, options.open === true),
        ),
      ),
    "opa proposals --open",
  );
  withExamples(
    withChain(
      program
        .command("proposal")
        .description(
          "Show a proposal: its calls in words with delay and worst case, its votes, its next step.",
        ),
    )
      .argument("<proposal>", 'its number in "opa proposals", its id, or the beginning of its id')
      .action((proposal, options) =>
        context.show(options, (session, terminal) => showProposal(session, terminal, proposal)),
      ),
    "opa proposal 1",
  );
  withExamples(
    withChain(
      program
        .command("safety")
        .description(
          "Show pauses, limits and guardians; exit code 5 if something is paused or restricted.",
        ),
    ).action((options) => context.show(options, showSafety)),
    "opa safety",
  );
  withExamples(
    withChain(program.command("events").description("Show events of the system in words."))
      .option("--contract <name>", "only those of one contract")
      .option("--event <name>", "only those of one kind")
      .option("--account <address>", "only those that are indexed by an account")
      .option("--from <block>", "first block (that of the deployment)")
      .option("--to <block>", "last block (the latest)")
      .option("--last <number>", "the last so many (20)")
      .action((options) =>
        context.show(options, (session, terminal) => showEvents(session, terminal, options)),
      ),
    "opa events --event CreditDeposited --last 5",
    `opa events --contract meter --account ${SOMEBODY} --json`,
  );
  withExamples(
    withKey(
      withChain(
        program
          .command("doctor")
          .description(
            "Say what is wrong with this setup or needs attention, and what to do; exit code 5 if anything is.",
          ),
      ),
    ).action((options) =>
      context.show(options, async (session, terminal) =>
        examine(session, terminal, await findActor(options, context.env, terminal)),
      ),
    ),
    "opa doctor",
    `opa doctor --from ${SOMEBODY}`,
  );
}

/** The commands that show one thing and have others below them. */
export function addLookGroups(program: Command, context: Context) {
  const node = withExamples(
    withChain(program.command("node").description("Show a provider, or act as one."))
      .argument("[provider]", "its address")
      .action((provider, options, command) => {
        if (provider === undefined) return command.help({ error: true });
        return context.show(options, (session) =>
          showNode(session, parseAddress(provider, "a provider")),
        );
      }),
    `opa node ${PROVIDER}`,
  );
  const schedule = withExamples(
    withChain(program.command("schedule").description("Show release schedules, or act on one."))
      .argument("[which]", "id of a schedule, or address of its beneficiary; all without it")
      .action((which, options) =>
        context.show(options, (session) =>
          which === undefined
            ? showSchedules(session)
            : which.startsWith("0x")
              ? showSchedules(session, parseAddress(which, "a beneficiary"))
              : showSchedule(session, parseCount(which)),
        ),
      ),
    "opa schedule 3",
    `opa schedule ${SOMEBODY}`,
  );
  const lock = withExamples(
    withKey(
      withChain(
        program
          .command("lock")
          .description("Show the lock and the votes of an account, or act on a lock."),
      ),
    )
      .argument("[account]", "its address; whoever acts without it")
      .action((account, options) =>
        context.show(options, async (session, terminal) =>
          showLock(session, await lockOwner(account, options, context, terminal)),
        ),
      ),
    `opa lock ${SOMEBODY}`,
  );
  const reserve = withExamples(
    withChain(
      program
        .command("reserve")
        .description("Show the system's reserve; below it, reserve credit for a provider."),
    ).action((options) => context.show(options, showReserve)),
    "opa reserve",
  );
  return { node, schedule, lock, reserve };
}

async function lockOwner(
  account: string | undefined,
  options: KeyOptions,
  context: Context,
  terminal: Context["terminal"],
): Promise<string> {
  if (account !== undefined) return parseAddress(account);
  return (await requireActor(options, context.env, terminal)).address;
}
