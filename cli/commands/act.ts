/** Commands that change the chain. */
import type { Command } from "@commander-js/extra-typings";

import { formatAttestation, planAttestation, signContribution } from "../act/attest.js";
import { planCancellation } from "../act/cancellation.js";
import {
  planApproval,
  planDeposit,
  planRelease,
  planReservation,
  planWithdrawal,
} from "../act/credit.js";
import {
  draftChange,
  draftDraw,
  draftFromFile,
  draftResumption,
  draftVeto,
  draftWithdrawal,
  planCarrying,
  planProposal,
  planVote,
} from "../act/governance.js";
import { planDraw, planObservation, planPause } from "../act/guardian.js";
import {
  planDelegation,
  planExtension,
  planIncrease,
  planLock,
  planLockWithdrawal,
} from "../act/lock.js";
import {
  planCapacity,
  planExit,
  planOperator,
  planPayout,
  planRegistration,
  planRewards,
  planService,
  planStake,
  planStakeWithdrawal,
} from "../act/node.js";
import { planKey, planProject, planRevocation } from "../act/organisation.js";
import { planClaim, planTransfer } from "../act/schedule.js";
import { checkStatements, formatStatement, planSettlement, signUse } from "../act/statements.js";
import { withExamples, type Context } from "../frame/context.js";
import { withChain, withKey, withSending } from "../frame/options.js";
import { PARAMETER_NAMES } from "../frame/parameters.js";
import type { addLookGroups } from "./look.js";

const SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const PROVIDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const KEY = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";

/** Adds the commands of consumers: credit, projects, keys, statements. */
export function addConsumerCommands(
  program: Command,
  context: Context,
  { reserve }: Pick<ReturnType<typeof addLookGroups>, "reserve">,
): void {
  withExamples(
    withSending(program.command("deposit").description("Deposit OPA as credit for services."))
      .argument("<amount>", 'such as "5 OPA"')
      .option("--account <address>", "whose credit it becomes (the sender's)")
      .action((amount, options) =>
        context.act(options, (session, actor) => planDeposit(session, actor, amount, options)),
      ),
    'opa deposit "5 OPA"',
    `opa deposit "5 OPA" --account ${SOMEBODY} --send`,
  );
  withExamples(
    withSending(program.command("withdraw").description("Withdraw free credit."))
      .argument("<amount>", 'such as "5 OPA", or "all"')
      .option("--account <address>", "whose credit it is (the sender's)")
      .option("--to <address>", "who is paid (the sender)")
      .action((amount, options) =>
        context.act(options, (session, actor) => planWithdrawal(session, actor, amount, options)),
      ),
    "opa withdraw all --send",
  );
  withExamples(
    withSending(
      program
        .command("approve")
        .description("Allow a contract of the system, or anybody, to take OPA."),
    )
      .argument("<spender>", "name of a contract, such as node-registry, or an address")
      .argument("<amount>", 'such as "5 OPA", "none" or "unlimited"')
      .action((spender, amount, options) =>
        context.act(options, (session, actor) => planApproval(session, actor, spender, amount)),
      ),
    'opa approve node-registry "200000 OPA"',
  );
  withExamples(
    withSending(
      reserve
        .command("credit")
        .description("Set credit aside for a provider and a signer until a time."),
    )
      .argument("<provider>", "address of the provider")
      .argument("<amount>", 'such as "5 OPA"')
      .requiredOption("--signer <address>", "who signs for it; needs no key of the account")
      .requiredOption("--until <time>", "end of the reservation, such as 7d or 2027-03-01")
      .option("--account <address>", "whose credit it is (the sender's)")
      .action((provider, amount, options) =>
        context.act(options, (session, actor) =>
          planReservation(session, actor, provider, amount, options),
        ),
      ),
    `opa reserve credit ${PROVIDER} "5 OPA" --signer ${KEY} --until 7d`,
  );
  withExamples(
    withSending(reserve.command("release").description("Release a reservation that has ended."))
      .argument("<provider>", "address of the provider")
      .option("--account <address>", "whose credit it is (the sender's)")
      .action((provider, options) =>
        context.act(options, (session, actor) => planRelease(session, actor, provider, options)),
      ),
    `opa reserve release ${PROVIDER}`,
  );
  addOrganisationCommands(program, context);
  addStatementCommands(program, context);
}

function addOrganisationCommands(program: Command, context: Context): void {
  const key = program.command("key").description("Set or revoke keys of an account.");
  withExamples(
    withSending(key.command("set").description("Give a key rights on an account, or change them."))
      .argument("<key>", "address of the key")
      .option(
        "--role <role>",
        "spender, which signs statements, or manager, which sets the spenders of its project",
        "spender",
      )
      .option("--project <number>", "project that it belongs to (none)")
      .option("--epoch-limit <amount>", "most that it can burn in an epoch (no limit)")
      .option("--total-limit <amount>", "most that it can burn from now on (no limit)")
      .option("--expires <time>", "last second in which it can settle (never)")
      .option("--categories <list>", "categories that it may use, such as inference,storage (all)")
      .option("--account <address>", "account of the key (the sender)")
      .action((address, options) =>
        context.act(options, (session, actor) => planKey(session, actor, address, options)),
      ),
    `opa key set ${KEY} --epoch-limit "10 OPA" --expires 30d --categories inference`,
  );
  withExamples(
    withSending(
      key
        .command("revoke")
        .description("Take the rights of a key, of the keys of a project, or of all keys."),
    )
      .argument("[key]", "address of the key")
      .option("--project <number>", "all keys of a project")
      .option("--all", "all keys of the account")
      .option("--account <address>", "account of the key (the sender)")
      .action((address, options) =>
        context.act(options, (session, actor) => planRevocation(session, actor, address, options)),
      ),
    `opa key revoke ${KEY} --send`,
    "opa key revoke --all",
  );
  withExamples(
    withSending(
      program
        .command("project")
        .description("Open a project of an account, or change the limits of one."),
    )
      .argument("[number]", "number of the project to change; a new one without it")
      .option("--epoch-limit <amount>", "most that its keys can burn in an epoch (no limit)")
      .option("--total-limit <amount>", "most that they can burn from now on (no limit)")
      .option("--expires <time>", "last second in which they can settle (never)")
      .option("--categories <list>", "categories that they may use (all)")
      .option("--account <address>", "account of the project (the sender)")
      .action((number, options) =>
        context.act(options, (session, actor) => planProject(session, actor, number, options)),
      ),
    'opa project --epoch-limit "100 OPA"',
    'opa project 1 --total-limit "1000 OPA"',
  );
}

function addStatementCommands(program: Command, context: Context): void {
  const statement = program
    .command("statement")
    .description("Sign, check and settle statements of use.");
  withExamples(
    withKey(
      withChain(
        statement
          .command("sign")
          .description("Sign a statement of running totals and print it as JSON."),
      ),
    )
      .argument(
        "<lines...>",
        "totals such as input-token=1000, or units beyond the settled ones such as input-token=+50",
      )
      .requiredOption("--provider <address>", "who served the use")
      .option("--account <address>", "whose credit is burned (the signer's)")
      .option("--epoch <number>", "epoch whose prices apply (the running one)")
      .option("--deadline <time>", "last second at which it can settle (the end of the epoch)")
      .action((lines, options) =>
        context.sign(options, async (session, actor) =>
          formatStatement(await signUse(session, actor, lines, options)),
        ),
      ),
    `opa statement sign input-token=+1000 output-token=+200 --provider ${PROVIDER} > statement.json`,
  );
  withExamples(
    withChain(
      statement
        .command("check")
        .description(
          "Say whether statements would settle now, and why not; exit code 5 if one would not.",
        ),
    )
      .argument("<files...>", "files with signed statements; - for the standard input")
      .action((files, options) =>
        context.show(options, (session) => checkStatements(session, files)),
      ),
    "opa statement check statement.json",
  );
  withExamples(
    withSending(
      statement
        .command("settle")
        .description("Settle statements, in as few transactions as they fit."),
    )
      .argument("<files...>", "files with signed statements; - for the standard input")
      .action((files, options) =>
        context.act(options, (session) => planSettlement(session, files)),
      ),
    "opa statement settle statement.json --send",
  );
}

/** Adds the commands of providers and contributors. */
export function addProviderCommands(
  program: Command,
  context: Context,
  { node }: Pick<ReturnType<typeof addLookGroups>, "node">,
): void {
  withExamples(
    withSending(node.command("register").description("Register as a provider with a stake."))
      .requiredOption(
        "--serve <categories>",
        "categories that it serves, such as inference,storage",
      )
      .option("--stake <amount>", "amount staked (what the categories ask for)")
      .option("--operator <address>", "key that signs receipts (the provider itself)")
      .option("--uri <uri>", "where its description is")
      .action((options) =>
        context.act(options, (session, actor) => planRegistration(session, actor, options)),
      ),
    'opa node register --serve inference --stake "200000 OPA" --uri https://provider.example/opa.json',
  );
  withExamples(
    withSending(node.command("stake").description("Add to the stake of a provider."))
      .argument("<amount>", 'such as "1000 OPA"')
      .option("--provider <address>", "whose stake grows (the sender's)")
      .action((amount, options) =>
        context.act(options, (session, actor) => planStake(session, actor, amount, options)),
      ),
    'opa node stake "1000 OPA"',
  );
  withExamples(
    withSending(
      node.command("capacity").description("Publish how many units it can serve in an epoch."),
    )
      .argument("<units...>", "such as input-token=1e6")
      .option(
        "--provider <address>",
        "provider (the sender, or the one whose operator the sender is)",
      )
      .action((units, options) =>
        context.act(options, (session, actor) => planCapacity(session, actor, units, options)),
      ),
    "opa node capacity input-token=1e6 output-token=200000 --send",
  );
  withExamples(
    withSending(
      node
        .command("operator")
        .description("Rotate the operator key: the provider nominates, the new key accepts."),
    )
      .option("--nominate <address>", "key that may take over")
      .option("--accept <provider>", "take over as the operator of a provider")
      .option("--withdraw", "take the nomination back")
      .action((options) =>
        context.act(options, (session, actor) => planOperator(session, actor, options)),
      ),
    `opa node operator --nominate ${KEY} --send`,
    `opa node operator --accept ${PROVIDER} --send`,
  );
  withExamples(
    withSending(node.command("payout").description("Set where rewards are paid."))
      .argument("<address>", 'the payout address, or "self"')
      .action((address, options) =>
        context.act(options, (session, actor) => planPayout(session, actor, address)),
      ),
    `opa node payout ${KEY}`,
  );
  for (const [name, description] of [
    ["activate", "Start serving again, also after a slash or an exit."],
    ["deactivate", "Stop serving; nothing settles for the provider until it is active again."],
  ] as const)
    withExamples(
      withSending(node.command(name).description(description))
        .option(
          "--provider <address>",
          "provider (the sender, or the one whose operator the sender is)",
        )
        .action((options) =>
          context.act(options, (session, actor) => planService(session, actor, name, options)),
        ),
      `opa node ${name} --send`,
    );
  withExamples(
    withSending(
      node.command("exit").description("Leave with all that is staked, or take a part of it out."),
    )
      .option("--amount <amount>", "a part of the stake (all)")
      .action((options) =>
        context.act(options, (session, actor) => planExit(session, actor, options)),
      ),
    "opa node exit",
  );
  withExamples(
    withSending(node.command("withdraw").description("Pay out stake that has finished unbonding."))
      .option("--provider <address>", "whose stake it is (the sender's)")
      .action((options) =>
        context.act(options, (session, actor) => planStakeWithdrawal(session, actor, options)),
      ),
    "opa node withdraw --send",
  );
  withExamples(
    withSending(node.command("claim").description("Claim the rewards of all finished epochs."))
      .option("--account <address>", "whose rewards they are (the sender's)")
      .option("--to <address>", "who is paid (the payout address)")
      .option("--to-stake", "add them to the own stake")
      .option("--to-lock", "add them to the own lock")
      .action((options) =>
        context.act(options, (session, actor) => planRewards(session, actor, options)),
      ),
    "opa node claim --to-stake --send",
  );
  const attest = program
    .command("attest")
    .description("Sign and submit attestations of contributions.");
  withExamples(
    withKey(
      withChain(
        attest
          .command("sign")
          .description("Sign an attestation as a verifier and print it as JSON."),
      ),
    )
      .argument("<kind>", "name of the kind of contribution, such as maintenance-hour")
      .option("--account <address>", "who contributed")
      .option("--units <number>", "units of the contribution")
      .option("--evidence <text>", "its hash of 32 bytes, or a text whose hash counts")
      .option("--same <file>", "sign the attestation that another verifier signed")
      .option(
        "--deadline <time>",
        "last second at which it can be recorded (the longest the kind allows)",
      )
      .action((kind, options) =>
        context.sign(options, async (session, actor) =>
          formatAttestation(await signContribution(session, actor, kind, options)),
        ),
      ),
    `opa attest sign maintenance-hour --account ${SOMEBODY} --units 3 --evidence "ticket 17" > a.json`,
  );
  withExamples(
    withSending(
      attest
        .command("submit")
        .description("Record a contribution that enough verifiers signed for."),
    )
      .argument("<files...>", "files with the signatures of the verifiers")
      .action((files, options) =>
        context.act(options, (session) => planAttestation(session, files)),
      ),
    "opa attest submit a.json b.json --send",
  );
}

/** Adds the commands of beneficiaries and voters. */
export function addHolderCommands(
  context: Context,
  { schedule, lock }: Pick<ReturnType<typeof addLookGroups>, "schedule" | "lock">,
): void {
  withExamples(
    withSending(schedule.command("claim").description("Claim what has vested."))
      .argument("[id]", "id of a schedule; all of the sender without it")
      .option("--to <address>", "who is paid (the beneficiary)")
      .option("--to-lock", "add it to the own lock")
      .option("--to-stake <provider>", "add it to the stake of a provider")
      .action((id, options) =>
        context.act(options, (session, actor) => planClaim(session, actor, id, options)),
      ),
    "opa schedule claim 3 --send",
  );
  withExamples(
    withSending(
      schedule
        .command("transfer")
        .description("Hand a schedule over: the beneficiary offers, the other accepts."),
    )
      .argument("<id>", "id of the schedule")
      .option("--to <address>", "who may accept it")
      .option("--accept", "take it over")
      .option("--withdraw", "take the offer back")
      .action((id, options) =>
        context.act(options, (session, actor) => planTransfer(session, actor, id, options)),
      ),
    `opa schedule transfer 3 --to ${SOMEBODY} --send`,
    "opa schedule transfer 3 --accept --send",
  );
  withExamples(
    withSending(lock.command("create").description("Lock OPA for votes."))
      .argument("<amount>", 'such as "1000 OPA"')
      .requiredOption(
        "--for <term>",
        'until when, such as 52w or 2028-01-01, or "max"; ends at the beginning of a week',
      )
      .action((amount, options) =>
        context.act(options, (session, actor) => planLock(session, actor, amount, options)),
      ),
    'opa lock create "1000 OPA" --for 52w --send',
  );
  withExamples(
    withSending(lock.command("add").description("Add OPA to a lock."))
      .argument("<amount>", 'such as "1000 OPA"')
      .option("--account <address>", "whose lock grows (the sender's)")
      .action((amount, options) =>
        context.act(options, (session, actor) => planIncrease(session, actor, amount, options)),
      ),
    'opa lock add "500 OPA"',
  );
  withExamples(
    withSending(lock.command("extend").description("Let a lock end later."))
      .argument("<term>", 'until when, such as 104w, or "max"')
      .action((term, options) =>
        context.act(options, (session, actor) => planExtension(session, actor, term)),
      ),
    "opa lock extend max",
  );
  withExamples(
    withSending(lock.command("withdraw").description("Pay a lock out that has ended.")).action(
      (options) => context.act(options, planLockWithdrawal),
    ),
    "opa lock withdraw --send",
  );
  withExamples(
    withSending(
      lock.command("delegate").description("Let another account vote with the own power."),
    )
      .argument("<address>", 'the delegate, or "self"')
      .action((address, options) =>
        context.act(options, (session, actor) => planDelegation(session, actor, address)),
      ),
    "opa lock delegate self --send",
  );
}

/** Adds the commands of decisions and of safety. */
export function addGovernanceCommands(program: Command, context: Context): void {
  const { terminal } = context;
  const propose = program.command("propose").description("Propose a decision.");
  withExamples(
    withSending(propose.command("set").description("Propose another value of a parameter."))
      .argument("<parameter>", `one of ${PARAMETER_NAMES.join(", ")}`)
      .argument("<value>", 'with its unit, such as 45%, 3d or "1000 OPA"')
      .option("--description <text>", "description of the proposal")
      .action((name, value, options) =>
        context.act(options, async (session, actor) =>
          planProposal(
            session,
            actor,
            await draftChange(session, name, value, options.description),
          ),
        ),
      ),
    "opa propose set kappa 45%",
    'opa propose set rate:input-token "900 gwei" --send',
  );
  withExamples(
    withSending(
      propose
        .command("withdraw")
        .description("Propose to take an announced change of a parameter back."),
    )
      .argument("<parameter>", "name of the parameter, such as kappa")
      .option("--description <text>", "description of the proposal")
      .action((name, options) =>
        context.act(options, async (session, actor) =>
          planProposal(session, actor, await draftWithdrawal(session, name, options.description)),
        ),
      ),
    "opa propose withdraw kappa",
  );
  withExamples(
    withSending(propose.command("draw").description("Propose a draw of the reserve."))
      .argument("<amount>", 'such as "1000 OPA", or "max"')
      .requiredOption("--reason <text>", "why, in words or as a reference")
      .option("--to <module>", "module that is paid", "incentive-vault")
      .option("--latest <time>", "last second at which the decision can be carried out", "60d")
      .option("--condition <name>", "condition that opens the reserve (the first one)")
      .action((amount, options) =>
        context.act(options, async (session, actor) =>
          planProposal(session, actor, await draftDraw(session, terminal, amount, options)),
        ),
      ),
    'opa propose draw max --reason "the stage cap holds back"',
  );
  withExamples(
    withSending(
      propose
        .command("resume")
        .description("Propose to end the pause of a module, or to move its end."),
    )
      .argument("<module>", "name of the module, such as meter")
      .option("--until <time>", "another end of the pause (now)")
      .action((module, options) =>
        context.act(options, async (session, actor) =>
          planProposal(session, actor, await draftResumption(session, module, options)),
        ),
      ),
    "opa propose resume meter",
  );
  withExamples(
    withSending(propose.command("veto").description("Propose to veto a fault that was announced."))
      .argument("<fault>", "number of the fault")
      .action((fault, options) =>
        context.act(options, async (session, actor) =>
          planProposal(session, actor, await draftVeto(session, fault)),
        ),
      ),
    "opa propose veto 1",
  );
  withExamples(
    withSending(
      propose.command("file").description("Propose the calls of a JSON file with a description."),
    )
      .argument(
        "<file>",
        'such as {"description": "…", "calls": [{"set": "kappa", "value": "45%"}]}',
      )
      .action((file, options) =>
        context.act(options, async (session, actor) =>
          planProposal(session, actor, await draftFromFile(session, file)),
        ),
      ),
    "opa propose file proposal.json",
  );
  withExamples(
    withSending(program.command("vote").description("Vote on a proposal."))
      .argument("<proposal>", 'its number in "opa proposals", or its id')
      .argument("<side>", "for, against or abstain")
      .option("--reason <text>", "why, published with the vote")
      .action((proposal, side, options) =>
        context.act(options, (session, actor) =>
          planVote(session, terminal, actor, proposal, side, options),
        ),
      ),
    "opa vote 1 for --send",
  );
  withExamples(
    withSending(program.command("queue").description("Put an accepted proposal into the timelock."))
      .argument("<proposal>", 'its number in "opa proposals", or its id')
      .action((proposal, options) =>
        context.act(options, (session) => planCarrying(session, terminal, proposal, "queue")),
      ),
    "opa queue 1 --send",
  );
  withExamples(
    withSending(
      program
        .command("execute")
        .description("Carry out a proposal that has waited in the timelock."),
    )
      .argument("<proposal>", 'its number in "opa proposals", or its id')
      .action((proposal, options) =>
        context.act(options, (session) => planCarrying(session, terminal, proposal, "execute")),
      ),
    "opa execute 1 --send",
  );
  withExamples(
    withSending(
      program
        .command("cancel")
        .description(
          "Cancel a proposal for good: its proposer before the vote, the guardian of proposals until it is executed.",
        ),
    )
      .argument("<proposal>", 'its number in "opa proposals", or its id')
      .action((proposal, options) =>
        context.act(options, (session, actor) =>
          planCancellation(session, terminal, actor, proposal),
        ),
      ),
    "opa cancel 1 --send",
  );
  withExamples(
    withSending(
      program
        .command("observe")
        .description("Observe the conditions of the reserve, so that their time counts."),
    )
      .argument("[condition]", "kind or address of a condition (all)")
      .action((condition, options) =>
        context.act(options, (session) => planObservation(session, terminal, condition)),
      ),
    "opa observe --send",
  );
  withExamples(
    withSending(
      program.command("draw").description("Pay a draw of the reserve that was decided on."),
    )
      .argument("<id>", 'its number in "opa reserve"')
      .action((id, options) => context.act(options, (session) => planDraw(session, id))),
    "opa draw 1 --send",
  );
  withExamples(
    withSending(program.command("pause").description("Pause a module as a guardian."))
      .argument("<module>", "name of the module, such as meter")
      .requiredOption("--for <span>", "how long, such as 24h; at most 72h")
      .requiredOption("--reason <text>", "why, in at most 20 bytes")
      .action((module, options) =>
        context.act(options, (session, actor) => planPause(session, actor, module, options)),
      ),
    "opa pause meter --for 24h --reason incident-7 --send",
  );
}
