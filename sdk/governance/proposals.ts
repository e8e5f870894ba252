import {
  decodeBytes32String,
  formatEther,
  getAddress,
  type FunctionFragment,
  type ParamType,
  type Result,
} from "ethers";

import { DAY, HOUR, OPA } from "../units.js";
import { visible } from "../visible.js";
import type { AddressBook } from "./address-book.js";
import { interfacesOf } from "./interfaces.js";

/** A call that a proposal makes, as the Governor has it. */
export interface ProposedCall {
  readonly target: string;
  /** Wei that it sends. */
  readonly value: bigint;
  readonly calldata: string;
}

/** A call in words. */
export interface DescribedCall {
  readonly target: string;
  /** Name of the module at the target, if the system knows it. */
  readonly module: string | undefined;
  /** The call in one sentence. */
  readonly words: string;
  /** Reasons to look twice; none for a call that changes a module within its own rules. */
  readonly warnings: readonly string[];
  /** Calls that this one makes in turn. */
  readonly inner: readonly DescribedCall[];
}

/** Role of the AccessManager that may grant every other one. */
const ADMIN_ROLE = 0n;

/** Nesting beyond which a proposal is not followed. */
const MAX_DEPTH = 8;

/**
 * A proposal in words: for each call the module by its name in the directory, the function with its arguments, and its
 * inner calls. A call that cannot be read is shown as bytes, and deserves the most suspicion.
 */
export function describeProposal(
  calls: readonly ProposedCall[],
  book: AddressBook,
): DescribedCall[] {
  return calls.map((call) => describeCall(call, book, 0));
}

/** The words of a proposal as lines, calls in turn indented. */
export function renderProposal(described: readonly DescribedCall[], indent = ""): string[] {
  return described.flatMap(({ words, warnings, inner }, i) => [
    `${indent}${i + 1}. ${words}`,
    ...warnings.map((warning) => `${indent}   Warning: ${warning}`),
    ...renderProposal(inner, `${indent}   `),
  ]);
}

function describeCall(call: ProposedCall, book: AddressBook, depth: number): DescribedCall {
  const target = getAddress(call.target);
  const module = book.nameOf(target);
  const warnings: string[] = [];
  if (module === undefined)
    warnings.push(`${target} is not part of the system, so nobody here knows what it does.`);
  else if (book.isFormer(target)) warnings.push(`${module} is a version that was replaced.`);
  if (call.value !== 0n) warnings.push(`It sends ${formatEther(call.value)} ETH.`);

  const parsed = module === undefined ? undefined : parse(module, call.calldata);
  if (!parsed) {
    if (module !== undefined) warnings.push(`${module} has no known function of this name.`);
    const name = module ?? target;
    return { target, module, words: `Calls ${name} with ${call.calldata}.`, warnings, inner: [] };
  }

  const { fragment, args } = parsed;
  const inner =
    depth < MAX_DEPTH
      ? innerCalls(target, fragment, args).map((each) => describeCall(each, book, depth + 1))
      : [];
  if (depth >= MAX_DEPTH) warnings.push("It is nested too deeply to be followed.");
  warnings.push(...warningsOf(module ?? "", fragment, args, book));
  return { target, module, words: wordsOf(module ?? "", fragment, args, book), warnings, inner };
}

/** The function that the module has for a call, with its arguments. */
function parse(
  module: string,
  calldata: string,
): { fragment: FunctionFragment; args: Result } | undefined {
  for (const each of interfacesOf(module)) {
    try {
      const found = each.parseTransaction({ data: calldata });
      // Bytes after the arguments would be read by nobody here and could be by the target.
      if (found && each.encodeFunctionData(found.fragment, found.args) === calldata.toLowerCase())
        return { fragment: found.fragment, args: found.args };
    } catch {
      // not a call of this interface
    }
  }
  return undefined;
}

/** Calls that are made by a call of the AccessManager or the timelock. */
function innerCalls(target: string, fragment: FunctionFragment, args: Result): ProposedCall[] {
  const one = (to: unknown, value: unknown, calldata: unknown): ProposedCall => ({
    target: to as string,
    value: value as bigint,
    calldata: calldata as string,
  });
  switch (fragment.format("sighash")) {
    case "execute(address,bytes)":
    case "schedule(address,bytes,uint48)":
      return [one(args[0], 0n, args[1])];
    case "multicall(bytes[])":
      return (args[0] as string[]).map((calldata) => one(target, 0n, calldata));
    case "schedule(address,uint256,bytes,bytes32,bytes32,uint256)":
      return [one(args[0], args[1], args[2])];
    case "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)": {
      const [targets, values, data] = [args[0], args[1], args[2]] as [string[], bigint[], string[]];
      return targets.map((to, i) => one(to, values[i] ?? 0n, data[i] ?? "0x"));
    }
    default:
      return [];
  }
}

/** Warnings about a call that reaches beyond the module's own rules. */
function warningsOf(
  module: string,
  fragment: FunctionFragment,
  args: Result,
  book: AddressBook,
): string[] {
  const name = fragment.name;
  if (module === "access-manager") {
    if (name === "grantRole" && args[0] === ADMIN_ROLE)
      return ["Who has ADMIN may give every role and change every permission, without a vote."];
    if (name === "grantRole" && book.nameOf(args[1] as string) === undefined)
      return [`${args[1] as string} is not part of the system.`];
    if (["setTargetFunctionRole", "setRoleAdmin", "setTargetAdminDelay"].includes(name))
      return ["It changes who may call what."];
    if (name === "updateAuthority" || name === "setTargetClosed")
      return ["It takes a module out of the reach of its roles, or closes it."];
    if (name === "execute" || name === "schedule")
      return ["The call is made in the name of the AccessManager."];
  }
  if (module === "timelock" && ["grantRole", "revokeRole"].includes(name))
    return ["It changes who proposes to the timelock or cancels there; no vote decides that then."];
  if (module === "system-directory" && name === "register")
    return ["A listed module can be paid by the reserve; read its code first."];
  return [];
}

/** One sentence for a call. */
function wordsOf(
  module: string,
  fragment: FunctionFragment,
  args: Result,
  book: AddressBook,
): string {
  const who = (index: number) => addressWords(args[index] as string, book);
  const role = (index: number) => book.roleOf(args[index] as bigint);
  if (module === "access-manager")
    switch (fragment.format("sighash")) {
      case "grantRole(uint64,address,uint32)":
        return `Gives ${who(1)} the role ${role(0)}${args[2] === 0n ? "" : `, to act after ${duration(args[2] as bigint)}`}.`;
      case "revokeRole(uint64,address)":
        return `Takes the role ${role(0)} from ${who(1)}.`;
      case "setTargetFunctionRole(address,bytes4[],uint64)":
        return `Lets the role ${role(2)} call ${functionNames(args[0] as string, args[1] as string[], book)} of ${who(0)}.`;
      case "execute(address,bytes)":
        return `Has the AccessManager call ${who(0)}.`;
      case "multicall(bytes[])":
        return `Makes ${(args[0] as string[]).length} calls of the AccessManager.`;
    }
  if (module === "timelock") {
    if (fragment.name === "grantRole")
      return `Gives ${who(1)} the timelock's role ${timelockRole(args[0] as string)}.`;
    if (fragment.name === "revokeRole")
      return `Takes the timelock's role ${timelockRole(args[0] as string)} from ${who(1)}.`;
  }
  const list = fragment.inputs.map(
    (input, i) => `${input.name} = ${valueWords(input, args[i], book)}`,
  );
  return `Calls ${fragment.name} of ${module}${list.length === 0 ? "" : ` with ${list.join(", ")}`}.`;
}

const TIMELOCK_ROLES: Readonly<Record<string, string>> = {
  [`0x${"0".repeat(64)}`]: "DEFAULT_ADMIN",
  "0xb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc1": "PROPOSER",
  "0xd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e63": "EXECUTOR",
  "0xfd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f783": "CANCELLER",
};

function timelockRole(role: string): string {
  return TIMELOCK_ROLES[role] ?? role;
}

/** Names of functions by their selectors, as far as the module has them. */
function functionNames(target: string, selectors: readonly string[], book: AddressBook): string {
  const known = interfacesOf(book.nameOf(target) ?? "");
  return selectors
    .map(
      (selector) =>
        known.map((each) => each.getFunction(selector)).find((found) => found !== null)?.name ??
        selector,
    )
    .join(", ");
}

/** A value in words, by its type and the name of its parameter. */
function valueWords(type: ParamType, value: unknown, book: AddressBook): string {
  if (type.isArray())
    return `[${(value as Result)
      .toArray()
      .map((each) => valueWords(type.arrayChildren, each, book))
      .join(", ")}]`;
  if (type.isTuple()) {
    const parts = type.components.map(
      (each, i) => `${each.name} = ${valueWords(each, (value as Result)[i], book)}`,
    );
    return `(${parts.join(", ")})`;
  }
  if (type.type === "address") return addressWords(value as string, book);
  if (type.type === "bytes32" || type.type === "bytes20") return textWords(value as string);
  if (typeof value === "bigint") return numberWords(type, value);
  return typeof value === "string" && type.type === "string"
    ? visible(JSON.stringify(value))
    : String(value);
}

function addressWords(address: string, book: AddressBook): string {
  const name = book.nameOf(address);
  return name === undefined ? getAddress(address) : `${name} (${getAddress(address)})`;
}

/** Bytes as the text that they spell, or as they are. */
function textWords(bytes: string): string {
  try {
    const text = decodeBytes32String(bytes.padEnd(66, "0"));
    return /^[\x20-\x7e]+$/.test(text) ? `"${text}"` : bytes;
  } catch {
    return bytes;
  }
}

/** A number with its unit, as far as the name of the parameter tells. */
function numberWords({ name, type }: ParamType, value: bigint): string {
  if (/(amount|threshold|value)$/i.test(name) && value >= OPA / 1_000n)
    return `${value} (${formatEther(value)} if it is OPA)`;
  if (
    type === "uint48" &&
    /(until|end|at|expiry|deadline|latest)$/i.test(name) &&
    value > 1_000_000_000n
  )
    return `${value} (${date(value)})`;
  if (/(delay|period|extension|duration)$/i.test(name)) return `${value} (${duration(value)})`;
  if (/bps$/i.test(name)) return `${value} (${Number(value) / 100}%)`;
  return value.toString();
}

function date(seconds: bigint): string {
  const time = new Date(Number(seconds) * 1_000);
  return Number.isNaN(time.getTime()) ? "no date" : time.toISOString().replace(".000", "");
}

function duration(seconds: bigint): string {
  if (seconds % DAY === 0n) return `${seconds / DAY} days`;
  if (seconds % HOUR === 0n) return `${seconds / HOUR} hours`;
  return `${seconds} seconds`;
}
