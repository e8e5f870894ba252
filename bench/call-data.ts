import { brotliCompressSync } from "node:zlib";

import { getBytes, Interface, Wallet } from "ethers";
import hre from "hardhat";

import {
  buildStatement,
  createDomain,
  packStatement,
  signStatement,
} from "../sdk/statements/statement.js";
import { freshAddress, GENESIS } from "./lab.js";
import type { SettlementShape } from "./measure.js";

/** Shapes whose call data is measured. */
const SHAPES: readonly SettlementShape[] = [
  { accounts: 1, lines: 1 },
  { accounts: 1, lines: 100 },
  { accounts: 10, lines: 10 },
  { accounts: 100, lines: 1 },
];

const RESOURCES_PER_PROVIDER = 10;

/** Bytes of call data for one line of a settlement. */
interface CallData {
  readonly shape: SettlementShape;
  readonly raw: number;
  /** By Brotli, as rollups compress their batches. */
  readonly compressed: number;
}

/** Encodes settlements of statements with real signatures, and compresses them. */
export async function measureCallData(): Promise<CallData[]> {
  const { abi } = await hre.artifacts.readArtifact("ISettlement");
  const settlement = new Interface(abi);
  const domain = createDomain(31_337n, freshAddress("settlement"));
  return Promise.all(
    SHAPES.map(async (shape) => {
      const signed = await Promise.all(
        Array.from({ length: shape.accounts }, (_, index) => statementOf(domain, shape, index)),
      );
      const data = getBytes(settlement.encodeFunctionData("settle", [signed.map(packStatement)]));
      const items = shape.accounts * shape.lines;
      const compressed = brotliCompressSync(data).length;
      return { shape, raw: data.length / items, compressed: compressed / items };
    }),
  );
}

async function statementOf(
  domain: ReturnType<typeof createDomain>,
  { lines }: SettlementShape,
  index: number,
) {
  const key = new Wallet(`0x${(BigInt(index) + 1n).toString(16).padStart(64, "0")}`);
  const statement = buildStatement({
    account: freshAddress(`account ${index}`),
    priceEpoch: 100n,
    deadline: BigInt(GENESIS),
    lines: Array.from({ length: lines }, (_, line) => ({
      provider: freshAddress(`provider ${Math.floor(line / RESOURCES_PER_PROVIDER)}`),
      resource: BigInt((line % RESOURCES_PER_PROVIDER) + 1),
      cumulativeUnits: 1_000_000n + BigInt(7_919 * (line + index)), // totals of different lines differ
    })),
  });
  return signStatement(key, domain, statement);
}

/** The section of the report. */
export function renderCallData(figures: readonly CallData[]): string {
  const lines = figures.map(
    ({ shape: { accounts, lines }, raw, compressed }) =>
      `| settle ${accounts}x${lines} | ${raw.toFixed(1)} | ${compressed.toFixed(1)} |`,
  );
  return [
    "## Call data",
    "Bytes of call data per line, as sent and after Brotli, with real addresses and signatures.",
    ["| Operation | Raw | Compressed |", "| --- | ---: | ---: |", ...lines].join("\n"),
  ].join("\n\n");
}
