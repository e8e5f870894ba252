/** Command lines of `opa` that are run one after the other on a node, and how their output is made comparable. */

/** Accounts of every local node by the part that they play here, with their index in its phrase. */
export const ACTORS = {
  PROPOSAL_GUARDIAN: 1,
  TREASURY: 2,
  HEIR: 4,
  ONBOARDING: 8,
  CONSUMER: 9,
  SIGNER: 10,
  PROVIDER: 11,
  OPERATOR: 12,
  STRANGER: 13,
  VERIFIER_1: 15,
  VERIFIER_2: 16,
  GUARDIAN: 18,
  REPORTER: 19,
} as const;

/** Lines under one title. `$NAME` is the address of an actor, `@3d` moves the time, `> FILE` keeps the output. */
export interface Scene {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The whole play: every command that reads or sends is in it. */
export const SCENES: readonly Scene[] = [
  {
    title: "looks at a fresh system",
    lines: [
      ...["status", "supply", "epochs --last 2", "prices", "prices input-token", "nodes"],
      ...[
        "schedule",
        "schedule 6",
        "schedule $TREASURY",
        "proposals",
        "reserve",
        "safety",
        "doctor",
      ],
      ...["prices teapot", "schedule 99", "node $STRANGER", "proposal 1", "epochs --to 99999"],
    ],
  },
  {
    title: "claims, deposits and withdraws",
    lines: [
      "schedule claim 1 --key-env TREASURY",
      "schedule claim 1 --key-env TREASURY --send",
      "schedule claim --key-env TREASURY",
      "deposit 1000 --account $CONSUMER --key-env TREASURY --send",
      'deposit "5 OPA" --key-env STRANGER',
      'deposit "5 apples" --key-env TREASURY',
      'withdraw "1 OPA" --key-env CONSUMER --send',
      'withdraw "5000 OPA" --key-env CONSUMER',
      'approve node-registry "100 OPA" --key-env TREASURY --send',
      "approve node-registry none --key-env TREASURY",
      "approve teapot none --key-env TREASURY",
      "account $CONSUMER",
      "events --event CreditDeposited",
    ],
  },
  {
    title: "writes transactions down for signers elsewhere",
    lines: [
      "deposit 5 --from $TREASURY",
      "deposit 5 --from $TREASURY --unsigned",
      "deposit 5 --from $TREASURY --safe FOLDER/batch.json",
      "deposit 5 --from $TREASURY --send",
      "deposit 5 --from $TREASURY --send --unsigned",
      "deposit 5",
      "deposit 5 --from $TREASURY --json",
    ],
  },
  {
    title: "sets and revokes keys",
    lines: [
      'project --epoch-limit "100 OPA" --key-env CONSUMER --send',
      'project 1 --total-limit "1000 OPA" --key-env CONSUMER --send',
      "project 2 --key-env CONSUMER",
      'key set $SIGNER --project 1 --epoch-limit "50 OPA" --categories inference --key-env CONSUMER --send',
      "key set $OPERATOR --role queen --key-env CONSUMER",
      "key set $OPERATOR --categories teapots --key-env CONSUMER",
      "key set $OPERATOR --key-env CONSUMER --send",
      "key revoke $OPERATOR --key-env CONSUMER --send",
      "key revoke --project 1 --key-env CONSUMER",
      "key revoke --all --key-env CONSUMER",
      "key revoke --key-env CONSUMER",
      "key set $OPERATOR --key-env STRANGER --account $CONSUMER",
      "keys $CONSUMER",
    ],
  },
  {
    title: "registers a provider",
    lines: [
      "schedule claim 7 --to $PROVIDER --key-env ONBOARDING --send",
      "node register --serve inference --key-env STRANGER",
      "node register --serve inference --stake 1 --key-env PROVIDER",
      "node register --serve inference --uri https://provider.example/opa.json --key-env PROVIDER",
      "node register --serve inference --uri https://provider.example/opa.json --key-env PROVIDER --send",
      "node operator --nominate $OPERATOR --key-env PROVIDER --send",
      "node operator --accept $PROVIDER --key-env OPERATOR --send",
      "node operator --withdraw --nominate $STRANGER --key-env PROVIDER",
      "node stake 1000 --key-env PROVIDER --send",
      "node capacity input-token=1e6 output-token=200,000 --key-env OPERATOR --send",
      "node capacity input-token --key-env OPERATOR",
      "node payout $STRANGER --key-env PROVIDER --send",
      "node payout self --key-env PROVIDER --send",
      "node $PROVIDER",
      "nodes",
    ],
  },
  {
    title: "reserves credit",
    lines: [
      'reserve credit $PROVIDER "20 OPA" --signer $OPERATOR --until 7d --key-env CONSUMER --send',
      "reserve release $PROVIDER --key-env CONSUMER",
      "account $CONSUMER",
    ],
  },
  {
    title: "signs, checks and settles use",
    lines: [
      "@1d",
      "statement sign input-token=+1000 --account $CONSUMER --provider $PROVIDER --key-env SIGNER > FOLDER/s.json",
      "statement check FOLDER/s.json",
      "statement settle FOLDER/s.json --key-env STRANGER",
      "statement settle FOLDER/s.json --key-env STRANGER --send",
      "statement settle FOLDER/s.json --key-env STRANGER",
      "statement check FOLDER/s.json",
      "statement sign input-token=99999 --account $CONSUMER --provider $PROVIDER --key-env SIGNER > FOLDER/more.json",
      "statement check FOLDER/more.json",
      "statement sign input-token=1 --provider $PROVIDER --key-env STRANGER > FOLDER/other.json",
      "statement check FOLDER/other.json FOLDER/more.json",
      "statement sign input-token --provider $PROVIDER --key-env SIGNER",
      "statement check FOLDER/batch.json",
      "statement check FOLDER/none.json",
      "line $CONSUMER $PROVIDER",
      "line $CONSUMER $PROVIDER output-token",
    ],
  },
  {
    title: "attests a contribution",
    lines: [
      'attest sign maintenance-hour --account $STRANGER --units 3 --evidence "ticket 17" --key-env VERIFIER_1 > FOLDER/a.json',
      "attest submit FOLDER/a.json --key-env STRANGER",
      'attest sign maintenance-hour --account $STRANGER --units 3 --evidence "ticket 17" --key-env STRANGER',
      "attest sign teapot --account $STRANGER --units 3 --evidence t --key-env VERIFIER_1",
      'attest sign maintenance-hour --account $STRANGER --units 4 --evidence "ticket 18" --deadline 6d --key-env VERIFIER_2 > FOLDER/b.json',
      "attest submit FOLDER/a.json FOLDER/b.json --key-env STRANGER",
      "attest sign maintenance-hour --key-env VERIFIER_2",
      "attest sign maintenance-hour --same FOLDER/a.json --key-env VERIFIER_2 > FOLDER/b.json",
      "attest submit FOLDER/a.json FOLDER/b.json --key-env STRANGER --send",
      "attest submit FOLDER/a.json FOLDER/b.json --key-env STRANGER",
      "attest submit FOLDER/s.json --key-env STRANGER",
    ],
  },
  {
    title: "locks and delegates",
    lines: [
      "lock create 10000000 --for 1d --key-env TREASURY",
      "lock create 10000000 --for 52w --key-env TREASURY --send",
      "lock create 1 --for 52w --key-env TREASURY",
      "lock extend max --key-env TREASURY --send",
      "lock add 500000 --key-env TREASURY --send",
      "lock delegate self --key-env TREASURY --send",
      "lock withdraw --key-env TREASURY",
      "lock extend max --key-env STRANGER",
      "lock $TREASURY",
      "lock --from $STRANGER",
    ],
  },
  {
    title: "hands a schedule over",
    lines: [
      "schedule transfer 3 --to $STRANGER --key-env HEIR --send",
      "schedule 3",
      "schedule transfer 3 --withdraw --key-env HEIR",
      "schedule transfer 3 --accept --key-env TREASURY",
      "schedule transfer 3 --accept --key-env STRANGER --send",
      "schedule transfer 3 --key-env STRANGER",
      "schedule claim 3 --to-lock --key-env STRANGER",
      "schedule claim 3 --to-stake $PROVIDER --key-env STRANGER --send",
    ],
  },
  {
    title: "proposes, votes and carries out",
    lines: [
      "@1m",
      "propose set kappa 45% --key-env STRANGER",
      "propose set kappa 99% --key-env TREASURY",
      "propose set kappa much --key-env TREASURY",
      "propose set teapots 3 --key-env TREASURY",
      "propose set kappa 45% --key-env TREASURY --send",
      'propose set rate:input-token "3600000 gwei" --key-env TREASURY',
      "propose set target:input-token 5e6 --key-env TREASURY",
      'propose set minimum-stake:storage "30000 OPA" --key-env TREASURY',
      "propose set voting-delay 2d --key-env TREASURY",
      "propose set quorum 5% --key-env TREASURY",
      "propose set timelock-delay 3d --key-env TREASURY",
      "propose set proposal-guardian $STRANGER --key-env TREASURY",
      "propose withdraw kappa --key-env TREASURY",
      'propose draw max --reason "the cap holds back" --key-env TREASURY',
      "propose resume meter --key-env TREASURY",
      "propose veto 1 --key-env TREASURY",
      "propose file FOLDER/proposal.json --key-env TREASURY --send",
      "propose file FOLDER/s.json --key-env TREASURY",
      "vote 1 for --key-env TREASURY",
      "@74h", // both votes have begun then
      "proposals --open",
      "vote 1 perhaps --key-env TREASURY",
      "vote 1 for --key-env STRANGER",
      'vote 1 for --reason "less is more" --key-env TREASURY --send',
      "vote 2 against --key-env TREASURY --send",
      "proposal 1",
      "queue 1 --key-env STRANGER",
      "@5d",
      "doctor --from $STRANGER",
      "queue 1 --key-env STRANGER --send",
      "queue 2 --key-env STRANGER",
      "execute 1 --key-env STRANGER",
      "@2d",
      "doctor",
      "execute 1 --key-env STRANGER --send",
      "proposal 1",
      "proposals",
    ],
  },
  {
    title: "cancels a proposal",
    lines: [
      "cancel 2 --key-env PROPOSAL_GUARDIAN",
      "propose resume meter --key-env TREASURY --send",
      "propose resume attestations --key-env TREASURY --send",
      "cancel 3 --key-env STRANGER",
      "cancel 3 --key-env TREASURY",
      "cancel 3 --key-env TREASURY --send",
      "proposal 3",
      "@4d",
      "cancel 4 --key-env TREASURY",
      "cancel 4 --key-env PROPOSAL_GUARDIAN --send",
      "cancel 4 --key-env PROPOSAL_GUARDIAN",
      "proposal 4",
    ],
  },
  {
    title: "stops and starts service",
    lines: [
      "node activate --key-env PROVIDER",
      "node deactivate --key-env STRANGER --provider $PROVIDER",
      "node deactivate --key-env STRANGER",
      "node deactivate --key-env PROVIDER",
      "node deactivate --key-env OPERATOR --send",
      "node deactivate --key-env PROVIDER",
      "node activate --key-env PROVIDER --send",
    ],
  },
  {
    title: "proves, announces and executes faults",
    lines: [
      "fault",
      "fault prove --first FOLDER/first.json --second FOLDER/first.json --key-env STRANGER",
      "fault prove --first FOLDER/first.json --second FOLDER/forged.json --key-env STRANGER",
      "fault prove --first FOLDER/first.json --second FOLDER/unrelated.json --key-env STRANGER",
      "fault prove --first FOLDER/first.json --second FOLDER/s.json --key-env STRANGER",
      "fault prove --first FOLDER/first.json --second FOLDER/second.json --key-env STRANGER",
      "fault prove --first FOLDER/first.json --second FOLDER/second.json --key-env STRANGER --send",
      "fault prove --first FOLDER/first.json --second FOLDER/second.json --key-env STRANGER",
      'fault announce $PROVIDER --bps 100 --evidence "ticket 17" --key-env STRANGER',
      'fault announce $PROVIDER --bps 1001 --evidence "ticket 17" --key-env REPORTER',
      'fault announce $STRANGER --bps 100 --evidence "ticket 17" --key-env REPORTER',
      'fault announce $PROVIDER --bps 100 --evidence "ticket 17" --uri https://reporter.example/17 --key-env REPORTER',
      'fault announce $PROVIDER --bps 100 --evidence "ticket 17" --uri https://reporter.example/17 --key-env REPORTER --send',
      'fault announce $PROVIDER --bps 200 --evidence "ticket 18" --key-env REPORTER --send',
      "fault execute 1 --key-env STRANGER",
      "fault execute 3 --key-env STRANGER",
      "@13d",
      "fault",
      "fault execute 1 --key-env STRANGER",
      "fault execute 1 --key-env STRANGER --send",
      "fault execute 1 --key-env STRANGER",
      "@8d",
      "fault execute 2 --key-env STRANGER",
      "fault",
      "fault --all",
    ],
  },
  {
    title: "observes and draws",
    lines: [
      "observe --key-env STRANGER --send",
      "observe teapot --key-env STRANGER",
      "draw 1 --key-env STRANGER",
    ],
  },
  {
    title: "claims rewards and leaves",
    lines: [
      "node claim --key-env PROVIDER",
      "node claim --to-stake --to-lock --key-env PROVIDER",
      "node claim --to-stake --key-env PROVIDER --send",
      "node claim --key-env PROVIDER",
      "node withdraw --key-env PROVIDER",
      "node exit --amount 500 --key-env PROVIDER --send",
      "node exit --key-env PROVIDER --send",
      "node withdraw --key-env PROVIDER",
      "@21d",
      "node withdraw --key-env PROVIDER --send",
      "reserve release $PROVIDER --key-env CONSUMER --send",
    ],
  },
  {
    title: "pauses a module",
    lines: [
      "pause meter --for 24h --reason incident-7 --key-env STRANGER",
      "pause meter --for 96h --reason incident-7 --key-env GUARDIAN",
      'pause meter --for 24h --reason "a reason that is far too long" --key-env GUARDIAN',
      "pause governance-lock --for 24h --reason incident-7 --key-env GUARDIAN",
      "pause meter --for 24h --reason incident-7 --key-env GUARDIAN --send",
      "deposit 5 --key-env TREASURY",
      "safety",
      "doctor",
      "status",
    ],
  },
];

/**
 * Output without the parts that differ from run to run: addresses of actors by name, times, hashes,
 * gas and long fractions.
 */
export function normalise(
  text: string,
  addresses: ReadonlyMap<string, string>,
  folder: string,
): string {
  let plain = text.replaceAll(folder, "FOLDER");
  for (const [address, name] of addresses)
    plain = plain.replaceAll(new RegExp(address, "gi"), name);
  return plain
    .replace(/^.* \(\d+ s\)\n/gm, "")
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, "<url>")
    .replace(/Node\.js: .*/g, "Node.js: <version>")
    .replace(/\bcli-\d+-\d+\b/g, "<id>")
    .replace(/0x[0-9a-f]{65,}/gi, "<bytes>")
    .replace(/0x[0-9a-f]{64}/gi, "<hash>")
    .replace(
      /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d( UTC|Z)(, (now|in [^;\n]*?|[^;\n]*? ago)(?=[:;.,)\n]| (?:becomes|by|on\b|at the)|$))?/gm,
      "<time>",
    )
    .replace(/(notBefore|deadline)": "\d+"/g, '$1": "<seconds>"')
    .replace(/\b[Gg]as (\d[\d,]*|known once[^;\n]*(; it passes then)?)/g, "gas <gas>")
    .replace(/"gas": ("\d+"|null)/g, '"gas": <gas>')
    .replace(/"(fee|balanceForGas)": ("\d+"|null)/g, '"$1": <wei>')
    .replace(/^Fee: .*$/gm, "Fee: <fee>")
    .replace(/fee [\d.,]+ ETH/g, "fee <fee>")
    .replace(/[\d,]+\.\d+ ETH/g, "<ETH>")
    .replace(/\b[\d,]+ ETH/g, "<ETH>")
    .replace(/max fee per gas \d+ wei/g, "max fee per gas <wei>")
    .replace(/\b\d{75,78}\b/g, "<id>")
    .replace(/"priceEpoch": "\d+"/g, '"priceEpoch": "<n>"')
    .replace(/latest = \d+/g, "latest = <seconds>")
    .replace(/[Bb]locks? [\d,]+( to [\d,]+)?/g, "block <n>")
    .replace(/^Block: .*$/gm, "Block: <n>")
    .replace(/\b[\d,]+\.\d{4,}\b/g, "<amount>")
    .replace(/\b\d+,\d{3},\d{3}(\.\d+)?(?= OPA (votes|now\b))/g, "<amount>")
    .replace(/\b[eE]pochs? \d{3,}( to \d+)?/g, "epoch <n>")
    .replace(/^(Running epoch|Epoch|Price epoch): \d{3,}/gm, "$1: <n>")
    .replace(/(price epoch) \d{3,}/g, "$1 <n>");
}
