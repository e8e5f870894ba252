/** Events that the functions of a contract can emit, as the compiler's syntax tree tells. */
import { readFile } from "node:fs/promises";

import hre from "hardhat";

/** A function that can be called from outside. */
export interface EmittingFunction {
  /** Without 0x. */
  selector: string;
  isStateChanging: boolean;
  /** Names of its modifiers. */
  modifiers: string[];
  /** Names of events that it emits, also through internal calls. */
  events: Set<string>;
}

/** A node of the tree. */
interface Node {
  id: number;
  nodeType: string;
  name: string;
  memberName: string;
  [field: string]: unknown;
}

/**
 * A function or modifier, and the contracts to search for its callees, the most derived one first.
 */
interface Body {
  path: Node[];
  self: Node;
}

interface Typed {
  typeDescriptions: { typeString: string };
}

/** Every function of a contract that can be called from outside, the inherited ones included. */
export async function listEmittingFunctions(contract: string): Promise<EmittingFunction[]> {
  const { sourceName, contractName } = await hre.artifacts.readArtifact(contract);
  const tree = new Tree(await readSources(`${sourceName}:${contractName}`));
  return tree.functionsOf(contractName);
}

/** The syntax trees of a contract's build. */
async function readSources(name: string): Promise<unknown> {
  const id = await hre.artifacts.getBuildInfoId(name);
  const file = id === undefined ? undefined : await hre.artifacts.getBuildInfoOutputPath(id);
  if (file === undefined) throw new Error(`${name} has no build`);
  return (JSON.parse(await readFile(file, "utf8")) as { output: { sources: unknown } }).output
    .sources;
}

class Tree {
  readonly #nodes = new Map<number, Node>();
  /** The contract that each function and modifier is in. */
  readonly #owners = new Map<number, Node>();

  constructor(sources: unknown) {
    for (const node of walk(sources)) {
      this.#nodes.set(node.id, node);
      if (node.nodeType !== "ContractDefinition") continue;
      for (const part of node["nodes"] as Node[]) this.#owners.set(part.id, node);
    }
  }

  functionsOf(contractName: string): EmittingFunction[] {
    const contract = [...this.#nodes.values()].find(
      ({ nodeType, name }) => nodeType === "ContractDefinition" && name === contractName,
    );
    if (!contract) throw new Error(`${contractName} is in no source`);
    const line = (contract["linearizedBaseContracts"] as number[]).map((id) => this.#node(id));
    const bySelector = new Map<string, EmittingFunction>();
    for (const base of line)
      for (const part of base["nodes"] as Node[]) {
        const selector = part["functionSelector"];
        if (part.nodeType !== "FunctionDefinition" || typeof selector !== "string") continue;
        if (part["implemented"] !== true || bySelector.has(selector)) continue;
        const events = new Set<string>();
        this.#collect({ path: line, self: part }, events, new Set());
        bySelector.set(selector, {
          selector,
          isStateChanging: ["payable", "nonpayable"].includes(String(part["stateMutability"])),
          modifiers: (part["modifiers"] as Node[]).map(
            ({ modifierName }) => (modifierName as Node).name,
          ),
          events,
        });
      }
    return [...bySelector.values()];
  }

  /** Adds the events of a function or modifier, and of all that it calls. */
  #collect({ path, self }: Body, events: Set<string>, seen: Set<number>): void {
    if (seen.has(self.id)) return;
    seen.add(self.id);
    for (const node of walk(self)) {
      if (node.nodeType === "EmitStatement") {
        const { expression } = node["eventCall"] as { expression: Node };
        events.add(
          expression.nodeType === "MemberAccess" ? expression.memberName : expression.name,
        );
      }
      const callee = node.nodeType === "FunctionCall" ? (node["expression"] as Node) : undefined;
      const modifier =
        node.nodeType === "ModifierInvocation" ? (node["modifierName"] as Node) : undefined;
      const reference = callee ?? modifier;
      if (reference === undefined) continue;
      for (const target of this.#targets(path, self, reference))
        this.#collect({ path, self: target }, events, seen);
    }
  }

  /** Functions that a call can reach without leaving the contract. */
  #targets(path: Node[], from: Node, reference: Node): Node[] {
    const target = this.#nodes.get(Number(reference["referencedDeclaration"]));
    const kinds = ["FunctionDefinition", "ModifierDefinition"];
    if (!target || !kinds.includes(target.nodeType)) return [];
    const owner = this.#owners.get(target.id);
    if (owner?.["contractKind"] === "library") return [target];

    const { name } = (reference["expression"] ?? {}) as Partial<Node>;
    const isMember = reference.nodeType === "MemberAccess";
    const isBase = path.some((base) => base.name === name);
    if (isMember && name !== "super" && !isBase) return []; // a call of another contract
    const start = name === "super" ? path.indexOf(this.#owners.get(from.id) ?? from) + 1 : 0;
    const found = path
      .slice(start)
      .flatMap((base) => base["nodes"] as Node[])
      .filter((part) => part.nodeType === target.nodeType && isSame(part, target));
    const written = found.filter((part) => part["body"] !== null && part["body"] !== undefined);
    return isMember && isBase ? [target] : written.slice(0, 1);
  }

  #node(id: number): Node {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`no node ${id}`);
    return node;
  }
}

/** Whether two functions or modifiers have one name and the same types of parameters. */
function isSame(one: Node, other: Node): boolean {
  const types = ({ parameters }: Node) =>
    (parameters as { parameters: Typed[] }).parameters
      .map(({ typeDescriptions }) => typeDescriptions.typeString)
      .join();
  return one.name === other.name && types(one) === types(other);
}

/** Every node below a value. */
function* walk(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if ("nodeType" in value) yield value as Node;
  for (const part of Object.values(value)) yield* walk(part);
}
