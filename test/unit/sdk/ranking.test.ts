import { expect } from "chai";
import { network } from "hardhat";

import {
  rankCandidates,
  rankProviders,
  SCORE_SCALE,
  type Candidate,
  type RankingSources,
} from "../../../sdk/index.js";
import { describeError } from "../../../sdk/errors/describe.js";
import { deploySettling, EPOCH, fund, registerNode, TOKENS } from "../../support/metering.js";
import { GWEI, OPA } from "../../../sdk/units.js";

const connection = await network.create();
const { networkHelpers } = connection;
const { time } = networkHelpers;

const WEIGHT = 2n;
const RATE = 5n * GWEI;
const PRECISION = 10n ** 9n;
const TERMS = { rate: RATE, weight: WEIGHT };

/** The documented formula. */
function rankOf(free: bigint, score: bigint): bigint {
  const boost = PRECISION + (score * PRECISION) / (score + 100_000n * OPA);
  return (free * boost) / (RATE / GWEI);
}

function candidate(changes: Partial<Candidate> = {}): Candidate {
  return { provider: "p", capacity: 1_000n, used: 0n, score: 0n, staked: OPA, ...changes };
}

/** Two providers that publish capacity for prompt tokens. */
async function fixture() {
  const suite = await deploySettling(connection);
  const { incentiveVault, nodes, pool, provider, other } = suite;
  await fund(connection, suite, incentiveVault, 1_000_000n * OPA);
  await nodes.connect(provider).publishCapacity(provider, [TOKENS], [1_000n]);
  await nodes.connect(other).publishCapacity(other, [TOKENS], [600n]);
  const sources: RankingSources = {
    nodes,
    registry: suite.registry,
    usage: suite.meter,
    scores: pool,
  };
  const rank = async (units = 1n) => rankProviders(sources, TOKENS, units);
  return { ...suite, sources, rank };
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => describeError(error)?.name ?? String(error),
  );
}

describe("sdk/ranking (NOD-5)", function () {
  describe("rankCandidates", function () {
    it("puts more free capacity first, and lifts who has contributed up to twice as high", function () {
      const ranked = rankCandidates(
        [
          candidate({ provider: "small", capacity: 400n }),
          candidate({ provider: "known", capacity: 700n, score: SCORE_SCALE }),
          candidate({ provider: "large", capacity: 1_500n, used: 500n }),
        ],
        TERMS,
        1n,
      );

      expect(ranked.map(({ provider, rank }) => [provider, rank])).to.deep.equal([
        ["known", rankOf(700n, SCORE_SCALE)],
        ["large", rankOf(1_000n, 0n)],
        ["small", rankOf(400n, 0n)],
      ]);
    });

    it("counts capacity up to the worth of the stake, so that a claim alone ranks nobody first", function () {
      const boaster = candidate({ provider: "boaster", capacity: 2n ** 65n, staked: 600n * RATE });

      const ranked = rankCandidates([boaster, candidate()], TERMS, 1n);

      expect(ranked.map(({ provider, free }) => [provider, free])).to.deep.equal([
        ["p", 1_000n],
        ["boaster", 600n],
      ]);
    });

    it("leaves out who has no room for the call, in units of the resource", function () {
      const full = candidate({ provider: "full", used: 1_000n });
      const over = candidate({ provider: "over", used: 1_001n });
      const bare = candidate({ provider: "bare", staked: 0n });

      expect(rankCandidates([full, over, bare], TERMS, 0n)).to.deep.equal([]);
      expect(rankCandidates([candidate()], TERMS, 500n)).to.have.length(1);
      expect(rankCandidates([candidate()], TERMS, 501n)).to.deep.equal([]);
    });

    it("keeps equals in their order", function () {
      const names = ["a", "b", "c"];

      const ranked = rankCandidates(
        names.map((provider) => candidate({ provider })),
        TERMS,
        1n,
      );

      expect(ranked.map(({ provider }) => provider)).to.deep.equal(names);
    });
  });

  describe("rankProviders", function () {
    it("reads free capacity, less what was settled in the running epoch", async function () {
      const { rank, nodes, settle, sign, line, provider, other } =
        await networkHelpers.loadFixture(fixture);
      const { staked } = await nodes.stakeOf(provider);

      expect(await rank()).to.deep.equal([
        {
          ...{ provider: provider.address, capacity: 2_000n, used: 0n, score: 0n, staked },
          ...{ free: 2_000n, rank: rankOf(2_000n, 0n) },
        },
        {
          ...{ provider: other.address, capacity: 1_200n, used: 0n, score: 0n, staked },
          ...{ free: 1_200n, rank: rankOf(1_200n, 0n) },
        },
      ]);
      await settle([await sign([line(500n)])]);
      expect((await rank()).map((found) => [found.provider, found.free, found.used])).to.deep.equal(
        [
          [other.address, 1_200n, 0n],
          [provider.address, 1_000n, 500n * WEIGHT],
        ],
      );
      await time.increase(EPOCH);
      expect((await rank())[0]?.provider).to.equal(provider.address);
    });

    it("reads scores, and leaves out who has no room", async function () {
      const { rank, pool, settle, sign, line, provider, other } =
        await networkHelpers.loadFixture(fixture);
      await time.increase(EPOCH);
      await settle([await sign([line(600n, TOKENS, other)])]);
      await time.increase(EPOCH);
      await pool.claim(other);

      const score = await pool.scoreOf(other);
      expect(score > 0n).to.equal(true);
      const [, second] = await rank();
      expect(second?.score).to.equal(score);
      expect(second?.rank).to.equal(rankOf(1_200n, score));
      expect((await rank(601n)).map((found) => found.provider)).to.deep.equal([provider.address]);
      expect(await rank(1_001n)).to.deep.equal([]);
    });

    it("leaves out who is inactive, leaving, without capacity or without the category", async function () {
      const { rank, nodes, provider, other } = await networkHelpers.loadFixture(fixture);

      await nodes.connect(provider).exit();
      expect((await rank()).map((found) => found.provider)).to.deep.equal([other.address]);
      await nodes.connect(other).setCategories(1n);
      expect(await rank()).to.deep.equal([]);
      await nodes.connect(other).setCategories(2n);
      await nodes.connect(other).publishCapacity(other, [TOKENS], [0n]);
      expect(await rank(0n)).to.deep.equal([]);
    });

    it("reads every provider, however many there are", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { rank, nodes, provider, other, stranger, sources } = suite;
      await registerNode(connection, suite, stranger);
      for (const node of [other, stranger])
        await nodes.connect(node).publishCapacity(node, [TOKENS], [1_000n]);
      const all = [provider.address, other.address, stranger.address];
      const pages: bigint[] = [];
      const paged: RankingSources = {
        ...sources,
        nodes: {
          isActive: nodes.isActive,
          nodeOf: nodes.nodeOf,
          capacityOf: nodes.capacityOf,
          nodeCount: nodes.nodeCount,
          nodesFrom: new Proxy(nodes.nodesFrom, {
            apply: (read, _, [from]: [bigint]) => {
              pages.push(from);
              return read(from, 2n);
            },
          }),
        },
      };

      expect((await rank()).map((found) => found.provider)).to.deep.equal(all);
      const read = await rankProviders(paged, TOKENS, 1n);
      expect(pages).to.deep.equal([0n, 2n]);
      expect(read.map((found) => found.provider)).to.deep.equal(all);
    });

    it("refuses a resource that is unknown or has no price", async function () {
      const { sources, registry } = await networkHelpers.loadFixture(fixture);

      expect(await failure(rankProviders(sources, 99n, 1n))).to.equal(
        "ResourceRegistryUnknownResource",
      );
      await registry.deprecate(TOKENS);
      await registry.retire(TOKENS);
      await time.increase(EPOCH);
      expect(await failure(rankProviders(sources, TOKENS, 1n))).to.equal("ResourceRegistryNoPrice");
    });
  });
});
