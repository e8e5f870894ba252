import { getAddress, id, toBeHex, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { format, resolveConfig } from "prettier";

import {
  buildAttestation,
  createAttestationDomain,
  hashAttestation,
  hashAttestationStruct,
  signAttestation,
  type Attestation,
} from "../../sdk/statements/attestations.js";
import type { ContractDomain } from "../../sdk/statements/eip712.js";
import {
  buildReceipt,
  createReceiptDomain,
  hashReceipt,
  hashReceiptStruct,
  signReceipt,
  type Receipt,
} from "../../sdk/nodes/receipts.js";
import {
  buildStatement,
  createDomain,
  hashStatement,
  hashStatementStruct,
  MAX_LINES,
  packLine,
  signStatement,
  type Line,
  type Statement,
  type StatementDomain,
} from "../../sdk/statements/statement.js";

/** A statement with everything that must follow from it. */
export interface Vector {
  readonly name: string;
  readonly domain: StatementDomain;
  readonly statement: Statement;
  /** Lines in one word each, as settlement takes them. */
  readonly words: readonly bigint[];
  readonly privateKey: string;
  readonly signer: string;
  readonly structHash: string;
  readonly digest: string;
  readonly signature: string;
}

/** Values that must follow from any signed message. */
interface Expected {
  readonly name: string;
  readonly domain: ContractDomain;
  readonly privateKey: string;
  readonly signer: string;
  readonly structHash: string;
  readonly digest: string;
  readonly signature: string;
}

/** A receipt with everything that must follow from it. */
export type ReceiptVector = Expected & { readonly receipt: Receipt };

/** An attestation with everything that must follow from it. */
export type AttestationVector = Expected & { readonly attestation: Attestation };

const MAX_UINT32 = (1n << 32n) - 1n;
const MAX_UINT48 = (1n << 48n) - 1n;
const MAX_UINT64 = (1n << 64n) - 1n;
const MAX_UINT128 = (1n << 128n) - 1n;
const MAX_ADDRESS = getAddress(`0x${"ff".repeat(20)}`);
const MAX_HASH = `0x${"ff".repeat(32)}`;

const CONTRACT = "0x00000000000000000000000000000000000A11CE";
const DOMAIN = createDomain(31_337n, CONTRACT);
const OTHER_DOMAIN = createDomain((1n << 64n) + 1n, MAX_ADDRESS);

const alice = new Wallet(id("statement vector alice"));
const bob = new Wallet(id("statement vector bob"));

const CASES: readonly {
  readonly name: string;
  readonly domain: StatementDomain;
  readonly wallet: Wallet;
  readonly statement: Statement;
}[] = [
  {
    name: "one line",
    domain: DOMAIN,
    wallet: alice,
    statement: {
      account: alice.address,
      priceEpoch: 401n,
      deadline: 1_801_872_000n,
      lines: [line(1n, 1n, 18_059_974n)],
    },
  },
  {
    name: "several providers and resources, signed by a key",
    domain: DOMAIN,
    wallet: bob,
    statement: {
      account: alice.address,
      priceEpoch: 402n,
      deadline: 1_801_958_400n,
      lines: [
        line(0xb0bn, 2n, 1n),
        line(0xa11cen, 2n, 245_896n),
        line(0xa11cen, 1n, 18_059_974n),
        line(0xffffffffffn, 512n, 10n ** 19n),
      ],
    },
  },
  {
    name: "smallest values",
    domain: DOMAIN,
    wallet: bob,
    statement: {
      account: toBeHex(0n, 20),
      priceEpoch: 0n,
      deadline: 0n,
      lines: [line(0n, 0n, 0n)],
    },
  },
  {
    name: "largest values",
    domain: DOMAIN,
    wallet: bob,
    statement: {
      account: MAX_ADDRESS,
      priceEpoch: MAX_UINT32,
      deadline: MAX_UINT48,
      lines: [
        { provider: MAX_ADDRESS, resource: MAX_UINT32 - 1n, cumulativeUnits: MAX_UINT64 - 1n },
        { provider: MAX_ADDRESS, resource: MAX_UINT32, cumulativeUnits: MAX_UINT64 },
      ],
    },
  },
  {
    name: "as many lines as there can be",
    domain: DOMAIN,
    wallet: alice,
    statement: {
      account: alice.address,
      priceEpoch: 403n,
      deadline: 1_802_044_800n,
      lines: Array.from({ length: MAX_LINES }, (_, i) =>
        line(BigInt(i % 16) + 1n, BigInt(Math.floor(i / 16)) + 1n, BigInt(i) ** 5n + 1n),
      ),
    },
  },
  {
    name: "another chain and contract",
    domain: OTHER_DOMAIN,
    wallet: alice,
    statement: {
      account: alice.address,
      priceEpoch: 401n,
      deadline: 1_801_872_000n,
      lines: [line(1n, 1n, 18_059_974n)],
    },
  },
];

const RECEIPTS: readonly (readonly [name: string, chainId: bigint, receipt: Receipt])[] = [
  [
    "a call",
    31_337n,
    {
      provider: alice.address,
      account: bob.address,
      request: id("request"),
      uses: [
        { resource: 1n, units: 18_059_974n },
        { resource: 2n, units: 245_801n },
      ],
      content: id("request and response"),
    },
  ],
  [
    "smallest values",
    31_337n,
    {
      provider: ZeroAddress,
      account: ZeroAddress,
      request: ZeroHash,
      uses: [{ resource: 0n, units: 0n }],
      content: ZeroHash,
    },
  ],
  [
    "largest values, on another chain",
    MAX_UINT64,
    {
      provider: MAX_ADDRESS,
      account: MAX_ADDRESS,
      request: MAX_HASH,
      uses: [{ resource: MAX_UINT32, units: MAX_UINT128 }],
      content: MAX_HASH,
    },
  ],
];

const ATTESTATIONS: readonly (readonly [
  name: string,
  chainId: bigint,
  attestation: Attestation,
])[] = [
  [
    "a contribution",
    31_337n,
    {
      kind: 3n,
      set: 2n,
      account: alice.address,
      units: 12n,
      evidence: id("merged change"),
      notBefore: 1_801_267_200n,
      deadline: 1_801_872_000n,
    },
  ],
  [
    "smallest values",
    31_337n,
    {
      kind: 0n,
      set: 0n,
      account: ZeroAddress,
      units: 1n,
      evidence: ZeroHash,
      notBefore: 0n,
      deadline: 0n,
    },
  ],
  [
    "largest values, on another chain",
    MAX_UINT64,
    {
      kind: MAX_UINT32,
      set: MAX_UINT32,
      account: MAX_ADDRESS,
      units: MAX_UINT64,
      evidence: MAX_HASH,
      notBefore: MAX_UINT48,
      deadline: MAX_UINT48,
    },
  ],
];

/** All vectors of statements, by the library's own code. */
export async function makeVectors(): Promise<Vector[]> {
  return Promise.all(
    CASES.map(async ({ name, domain, wallet, statement: draft }) => {
      const statement = buildStatement(draft);
      const { signer, signature } = await signStatement(wallet, domain, statement);
      return {
        name,
        domain,
        statement,
        words: statement.lines.map(packLine),
        privateKey: wallet.privateKey,
        signer,
        structHash: hashStatementStruct(statement),
        digest: hashStatement(domain, statement),
        signature,
      };
    }),
  );
}

/** All vectors of receipts, by the library's own code. */
export async function makeReceiptVectors(): Promise<ReceiptVector[]> {
  return Promise.all(
    RECEIPTS.map(async ([name, chainId, draft]) => {
      const [domain, receipt] = [createReceiptDomain(chainId, CONTRACT), buildReceipt(draft)];
      const { signer, signature } = await signReceipt(alice, domain, receipt);
      const structHash = hashReceiptStruct(receipt);
      const digest = hashReceipt(domain, receipt);
      const { privateKey } = alice;
      return { name, domain, receipt, privateKey, signer, structHash, digest, signature };
    }),
  );
}

/** All vectors of attestations, by the library's own code. */
export async function makeAttestationVectors(): Promise<AttestationVector[]> {
  return Promise.all(
    ATTESTATIONS.map(async ([name, chainId, draft]) => {
      const domain = createAttestationDomain(chainId, CONTRACT);
      const attestation = buildAttestation(draft);
      const { signer, signature } = await signAttestation(bob, domain, attestation);
      const structHash = hashAttestationStruct(attestation);
      const digest = hashAttestation(domain, attestation);
      const { privateKey } = bob;
      return { name, domain, attestation, privateKey, signer, structHash, digest, signature };
    }),
  );
}

/** Vectors of any kind as JSON, with numbers as decimal strings. */
export function renderJson(vectors: readonly Expected[]): string {
  const text = (_: string, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value;
  return `${JSON.stringify(vectors, text, 2)}\n`;
}

const NUMBERS = new Set([
  ...["chainId", "priceEpoch", "deadline", "resource", "cumulativeUnits"],
  ...["units", "kind", "set", "notBefore"],
]);

/** The vectors of statements as {@link renderJson} wrote them. */
export function parseJson(text: string): Vector[] {
  return parseVectors(text) as Vector[];
}

/** The vectors of receipts as {@link renderJson} wrote them. */
export function parseReceipts(text: string): ReceiptVector[] {
  return parseVectors(text) as ReceiptVector[];
}

/** The vectors of attestations as {@link renderJson} wrote them. */
export function parseAttestations(text: string): AttestationVector[] {
  return parseVectors(text) as AttestationVector[];
}

function parseVectors(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (key === "words") return (value as string[]).map(BigInt);
    return NUMBERS.has(key) ? BigInt(value as string) : value;
  });
}

/** The vectors as a Solidity library. */
export async function renderSolidity(vectors: readonly Vector[]): Promise<string> {
  const cases = vectors.map((vector, i) => {
    const { account, priceEpoch, deadline, lines } = vector.statement;
    const name = `_vector${i}`;
    return {
      name,
      code: `
      /// @dev ${vector.name}
      function ${name}() private pure returns (Vector memory vector) {
        Metering.Line[] memory lines = new Metering.Line[](${lines.length});
        ${lines
          .map(
            ({ provider, resource, cumulativeUnits }, k) =>
              `lines[${k}] = Metering.Line(${provider}, ${resource}, ${cumulativeUnits});`,
          )
          .join("\n")}
        vector.statement = Metering.Statement(${account}, ${priceEpoch}, ${deadline}, lines);
        vector.words = new uint256[](${lines.length});
        ${vector.words.map((word, k) => `vector.words[${k}] = ${toBeHex(word, 32)};`).join("\n")}
        vector.chainId = ${vector.domain.chainId};
        vector.verifyingContract = ${vector.domain.verifyingContract};
        vector.signer = ${vector.signer};
        vector.structHash = ${vector.structHash};
        vector.digest = ${vector.digest};
        vector.signature = hex"${vector.signature.slice(2)}";
      }`,
    };
  });
  const source = `// SPDX-License-Identifier: MIT
    pragma solidity ^0.8.28;

    // solhint-disable function-max-lines

    import {Metering} from "../../contracts/interfaces/types/Metering.sol";

    /// @dev Golden vectors, written by scripts/make-vectors.ts together with statements.json.
    library StatementVectors {
      struct Vector {
        Metering.Statement statement;
        uint256[] words;
        uint256 chainId;
        address verifyingContract;
        address signer;
        bytes32 structHash;
        bytes32 digest;
        bytes signature;
      }

      function all() internal pure returns (Vector[] memory vectors) {
        vectors = new Vector[](${cases.length});
        ${cases.map(({ name }, i) => `vectors[${i}] = ${name}();`).join("\n")}
      }
      ${cases.map(({ code }) => code).join("\n")}
    }`;
  const filepath = "test/vectors/StatementVectors.sol";
  return format(source, { ...(await resolveConfig(filepath)), filepath });
}

function line(provider: bigint, resource: bigint, cumulativeUnits: bigint): Line {
  return { provider: getAddress(toBeHex(provider, 20)), resource, cumulativeUnits };
}
