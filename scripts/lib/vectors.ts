import { getAddress, id, toBeHex, Wallet } from "ethers";
import { format, resolveConfig } from "prettier";

import {
  buildStatement,
  createDomain,
  hashStatement,
  hashStatementStruct,
  MAX_LINES,
  signStatement,
  type Line,
  type Statement,
  type StatementDomain,
} from "../../sdk/statement.js";

/** A statement with everything that must follow from it. */
export interface Vector {
  readonly name: string;
  readonly domain: StatementDomain;
  readonly statement: Statement;
  readonly privateKey: string;
  readonly signer: string;
  readonly structHash: string;
  readonly digest: string;
  readonly signature: string;
}

const MAX_UINT32 = (1n << 32n) - 1n;
const MAX_UINT48 = (1n << 48n) - 1n;
const MAX_UINT128 = (1n << 128n) - 1n;
const MAX_ADDRESS = getAddress(`0x${"ff".repeat(20)}`);

const DOMAIN = createDomain(31_337n, "0x00000000000000000000000000000000000A11CE");
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
        line(0xffffffffffn, 512n, 10n ** 20n),
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
        { provider: MAX_ADDRESS, resource: MAX_UINT32 - 1n, cumulativeUnits: MAX_UINT128 - 1n },
        { provider: MAX_ADDRESS, resource: MAX_UINT32, cumulativeUnits: MAX_UINT128 },
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

/** All vectors, by the library's own code. */
export async function makeVectors(): Promise<Vector[]> {
  return Promise.all(
    CASES.map(async ({ name, domain, wallet, statement: draft }) => {
      const statement = buildStatement(draft);
      const { signer, signature } = await signStatement(wallet, domain, statement);
      return {
        name,
        domain,
        statement,
        privateKey: wallet.privateKey,
        signer,
        structHash: hashStatementStruct(statement),
        digest: hashStatement(domain, statement),
        signature,
      };
    }),
  );
}

/** The vectors as JSON, with numbers as decimal strings. */
export function renderJson(vectors: readonly Vector[]): string {
  const text = (_: string, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value;
  return `${JSON.stringify(vectors, text, 2)}\n`;
}

/** The vectors as {@link renderJson} wrote them. */
export function parseJson(text: string): Vector[] {
  const numbers = new Set(["chainId", "priceEpoch", "deadline", "resource", "cumulativeUnits"]);
  return JSON.parse(text, (key, value: unknown) =>
    numbers.has(key) ? BigInt(value as string) : value,
  ) as Vector[];
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
