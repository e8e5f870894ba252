import { expect } from "chai";
import type { AddressLike, ContractTransactionResponse, Signer } from "ethers";
import { network } from "hardhat";

import type { Limits } from "../../support/metering.js";
import {
  ALL_CATEGORIES,
  Category,
  deploySettling,
  EPOCH,
  FAR,
  GATED,
  GIGABYTES,
  GWEI,
  limits,
  limitValues,
  MAX_LIMIT,
  NO_LIMITS,
  PRICE,
  Role,
  SECONDS,
  setKey,
  TOKENS,
} from "../../support/metering.js";
import { OPA, send } from "../../support/release.js";
import type { SignedStatement } from "../../support/statements.js";
import { packed, plainResults, Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;
const { ZeroAddress: ZERO } = ethers;

const MAX_UINT48 = 2n ** 48n - 1n;
const TOKEN_PRICE = PRICE[String(TOKENS)] ?? 0n;

type Scope = "key" | "project" | "organisation";
const SCOPES: readonly Scope[] = ["key", "project", "organisation"];

/** Reason of each limit of each scope. */
const REASON_OF = {
  key: {
    epochLimit: Reason.KeyLimitExceeded,
    totalLimit: Reason.KeyTotalExceeded,
    expiresAt: Reason.KeyExpired,
  },
  project: {
    epochLimit: Reason.ProjectLimitExceeded,
    totalLimit: Reason.ProjectTotalExceeded,
    expiresAt: Reason.ProjectExpired,
  },
  organisation: {
    epochLimit: Reason.OrganisationLimitExceeded,
    totalLimit: Reason.OrganisationTotalExceeded,
    expiresAt: Reason.OrganisationExpired,
  },
} as const;

/**
 * Alice's account has two projects. In the first `manager` manages and `key` spends; `second` and `third` have no rights
 * yet, and bob's account has nothing.
 */
async function fixture() {
  const suite = await deploySettling(connection);
  const { meter, settlement, alice, key, sign, line, startedAt } = suite;
  const [manager, second, third] = (await ethers.getSigners()).slice(7);
  if (!manager || !second || !third) throw new Error("ten signers expected");
  const own = meter.connect(alice);
  await own.openProject(alice, limits());
  await own.openProject(alice, limits());
  await own.setKey(alice, manager, 1n, Role.Manager, limits());
  await own.setKey(alice, key, 1n, Role.Spender, limits());

  const expectRefused = async (call: Promise<unknown>, error: string, ...args: unknown[]) =>
    expect(call)
      .to.be.revertedWithCustomError(meter, error)
      .withArgs(...args);
  const limit = async (scope: Scope, changes: Partial<Limits>) => {
    if (scope === "key") return own.setKey(alice, key, 1n, Role.Spender, limits(changes));
    if (scope === "project") return own.setProject(alice, 1n, limits(changes));
    return own.limitOrganisation(alice, limits(changes));
  };

  /** Reason for the whole statement, or else for its last line. */
  const judge = async (signed: SignedStatement) => {
    const [result] = plainResults(await settlement.preview.staticCall(packed([signed])), [signed]);
    return result?.reasons.at(-1) ?? result?.reason;
  };

  /** Reason for a statement by `signer` that adds some prompt tokens. */
  const judgeUse = async (signer: typeof key, units: bigint, resource = TOKENS) => {
    const { cumulativeUnits } = await meter.lineOf(alice, suite.provider, resource);
    return judge(await sign([line(cumulativeUnits + units, resource)], { key: signer }));
  };

  /** Settles some prompt tokens more. */
  const use = async (signer: typeof key, units: bigint) => {
    const { cumulativeUnits } = await meter.lineOf(alice, suite.provider, TOKENS);
    return settlement.settle(
      packed([await sign([line(cumulativeUnits + units)], { key: signer })]),
    );
  };
  /** Settles one unit of the gated resource, after which the tier is kept for the epoch. */
  const useGated = async () => settlement.settle(packed([await sign([line(1n, GATED)])]));
  const toEpoch = async (epoch: bigint) => time.increaseTo(startedAt + epoch * EPOCH);
  const acts = { own, expectRefused, limit, judge, judgeUse, use, useGated, toEpoch };
  return { ...suite, ...acts, manager, second, third };
}

/** The same, with bob as second admin. */
async function sharedFixture() {
  const suite = await fixture();
  await suite.own.nominateAdmin(suite.alice, suite.bob);
  await suite.meter.connect(suite.bob).acceptAdmin(suite.alice);
  return suite;
}

/** State of an organisation by its events, each a part of it. */
interface Told {
  account: string;
  project: bigint;
  key: string;
  role: bigint;
  current: bigint[];
  nominee: string;
  admin: string;
}

async function gasOf(sent: Promise<ContractTransactionResponse>): Promise<bigint> {
  const receipt = await (await sent).wait();
  return receipt?.gasUsed ?? 0n;
}

describe("Organisations (ACC-3)", function () {
  /** Every function that takes limits, as alice calls it. */
  const limited: Record<
    string,
    (suite: Awaited<ReturnType<typeof fixture>>, to: Limits) => Promise<unknown>
  > = {
    limitOrganisation: async ({ own, alice }, to) => own.limitOrganisation(alice, to),
    openProject: async ({ own, alice }, to) => own.openProject(alice, to),
    setProject: async ({ own, alice }, to) => own.setProject(alice, 1n, to),
    setKey: async ({ own, alice, second }, to) => own.setKey(alice, second, 0n, Role.Spender, to),
  };

  for (const [name, call] of Object.entries(limited))
    describe(`limits given to ${name}`, function () {
      it("reverts when a limit is zero, fractional gwei or above the largest", async function () {
        const suite = await networkHelpers.loadFixture(fixture);

        for (const field of ["epochLimit", "totalLimit"] as const)
          for (const bad of [0n, 1n, GWEI - 1n, GWEI + 1n, MAX_LIMIT + 1n, MAX_LIMIT + GWEI])
            await suite.expectRefused(
              call(suite, limits({ [field]: bad })),
              "OrganisationsInvalidLimit",
              bad,
              MAX_LIMIT,
            );
      });

      it("reverts when the expiry is not in the future or cannot be stored", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const latest = await suite.meter.MAX_EXPIRY();
        const now = BigInt(await time.latest()) + 100n;

        for (const expiresAt of [0n, now - 1n, now, latest + 1n, MAX_UINT48]) {
          await time.setNextBlockTimestamp(now);
          const sent = call(suite, limits({ expiresAt }));
          const args = [expiresAt, now + 1n, latest];
          await suite.expectRefused(sent, "OrganisationsInvalidExpiry", ...args);
        }
      });

      it("reverts when no category is allowed, or one that is not known", async function () {
        const suite = await networkHelpers.loadFixture(fixture);

        for (const categories of [0n, 32n, 33n, 2n ** 32n - 1n])
          await suite.expectRefused(
            call(suite, limits({ categories })),
            "OrganisationsInvalidCategories",
            categories,
            ALL_CATEGORIES,
          );
      });

      it("takes every bound of the range", async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const latest = await suite.meter.MAX_EXPIRY();
        const soon = BigInt(await time.latest()) + 100n;

        await call(suite, limits({ epochLimit: GWEI, totalLimit: GWEI, categories: 1n }));
        await call(
          suite,
          limits({ epochLimit: MAX_LIMIT, totalLimit: MAX_LIMIT, categories: 31n }),
        );
        await call(suite, limits({ expiresAt: latest }));
        await time.setNextBlockTimestamp(soon);
        await call(suite, limits({ expiresAt: soon + 1n }));
      });
    });

  describe("constants", function () {
    it("names its bounds, and the largest limit is above the supply", async function () {
      const { meter, token, startedAt } = await networkHelpers.loadFixture(fixture);

      expect(await meter.MAX_LIMIT()).to.equal(MAX_LIMIT);
      expect(await meter.MAX_ADMINS()).to.equal(16n);
      expect(await meter.MAX_EXPIRY()).to.equal(startedAt + 2n ** 32n - 1n);
      expect(MAX_LIMIT > (await token.INITIAL_SUPPLY())).to.equal(true);
    });
  });

  describe("limitOrganisation", function () {
    it("reverts when the caller is no admin", async function () {
      const { meter, alice, bob, key, manager, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      for (const caller of [bob, key, manager]) {
        const sent = meter.connect(caller).limitOrganisation(alice, limits());
        await expectRefused(sent, "OrganisationsNotAdmin", alice.address, caller.address);
      }
    });

    it("limits and tells what was before, with what was left of it", async function () {
      const { meter, own, alice, use } = await networkHelpers.loadFixture(fixture);
      const first = {
        epochLimit: 5n * OPA,
        totalLimit: 7n * OPA,
        expiresAt: FAR - 1n,
        categories: 3n,
      };
      const second = { epochLimit: 2n * OPA, totalLimit: 3n * OPA };

      await expect(own.limitOrganisation(alice, limits(first)))
        .to.emit(meter, "OrganisationLimited")
        .withArgs(
          alice.address,
          [MAX_LIMIT, MAX_LIMIT, await meter.MAX_EXPIRY(), 31n],
          limitValues(first),
        );
      await use(alice, 100n);
      const left = 7n * OPA - 100n * TOKEN_PRICE;
      expect((await meter.organisationOf(alice)).limits).to.deep.equal(
        limitValues({ ...first, totalLimit: left }),
      );
      await expect(own.limitOrganisation(alice, limits(second)))
        .to.emit(meter, "OrganisationLimited")
        .withArgs(alice.address, limitValues({ ...first, totalLimit: left }), limitValues(second));
      expect(await meter.organisationOf(alice)).to.deep.equal([
        1n,
        2n,
        0n,
        ZERO,
        limitValues(second),
      ]);
    });

    it("counts what was burned in the running epoch before", async function () {
      const { own, alice, use, judgeUse } = await networkHelpers.loadFixture(fixture);
      await use(alice, 100n);

      await own.limitOrganisation(alice, limits({ epochLimit: 150n * TOKEN_PRICE }));

      expect(await judgeUse(alice, 50n)).to.equal(Reason.None);
      expect(await judgeUse(alice, 51n)).to.equal(Reason.OrganisationLimitExceeded);
    });

    it("leaves a withdrawal and a reservation without a limit", async function () {
      const { meter, own, alice, provider, toEpoch, limit } =
        await networkHelpers.loadFixture(fixture);
      await limit("organisation", {
        epochLimit: GWEI,
        totalLimit: GWEI,
        expiresAt: BigInt(await time.latest()) + 100n,
      });
      await toEpoch(12n);

      await own.reserve(alice, provider, alice, 40n * OPA, BigInt(await time.latest()) + 100n);
      await own.withdraw(alice, alice, 60n * OPA);

      expect(await meter.creditOf(alice)).to.equal(0n);
    });
  });

  describe("openProject", function () {
    it("reverts when the caller is no admin", async function () {
      const { meter, alice, bob, key, manager, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      for (const caller of [bob, key, manager]) {
        const sent = meter.connect(caller).openProject(alice, limits());
        await expectRefused(sent, "OrganisationsNotAdmin", alice.address, caller.address);
      }
    });

    it("numbers projects from 1 for each account and tells their limits", async function () {
      const { meter, own, alice, bob } = await networkHelpers.loadFixture(fixture);
      const terms = { epochLimit: 3n * GWEI, totalLimit: 4n * GWEI, categories: 2n };

      expect(await own.openProject.staticCall(alice, limits(terms))).to.equal(3n);
      await expect(own.openProject(alice, limits(terms)))
        .to.emit(meter, "ProjectSet")
        .withArgs(alice.address, 3n, NO_LIMITS, limitValues(terms));
      await expect(meter.connect(bob).openProject(bob, limits()))
        .to.emit(meter, "ProjectSet")
        .withArgs(bob.address, 1n, NO_LIMITS, limitValues());

      expect(await meter.projectOf(alice, 3n)).to.deep.equal([0n, limitValues(terms)]);
      expect((await meter.organisationOf(alice)).projects).to.equal(3n);
      expect((await meter.organisationOf(bob)).projects).to.equal(1n);
    });

    it("reverts after as many projects and revocations as there are places", async function () {
      const { meter, own, alice, expectRefused } = await networkHelpers.loadFixture(fixture);
      const most = 131_071n;
      await own.openProject(alice, limits());
      await fillPlaces(await meter.getAddress(), alice.address, 3n, most - 1n);

      await own.openProject(alice, limits());
      await expectRefused(
        own.openProject(alice, limits()),
        "OrganisationsTooManyProjects",
        alice.address,
        most,
      );
      await expectRefused(
        own.revokeProjectKeys(alice, 1n),
        "OrganisationsTooManyProjects",
        alice.address,
        most,
      );
    });
  });

  describe("setProject", function () {
    it("reverts when the caller is no admin", async function () {
      const { meter, alice, bob, key, manager, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      for (const caller of [bob, key, manager]) {
        const sent = meter.connect(caller).setProject(alice, 1n, limits());
        await expectRefused(sent, "OrganisationsNotAdmin", alice.address, caller.address);
      }
    });

    it("reverts when the account has no such project, although another has", async function () {
      const { meter, own, alice, bob, expectRefused } = await networkHelpers.loadFixture(fixture);

      for (const project of [0n, 3n, 2n ** 32n - 1n])
        await expectRefused(
          own.setProject(alice, project, limits()),
          "OrganisationsUnknownProject",
          alice.address,
          project,
        );
      await expectRefused(
        meter.connect(bob).setProject(bob, 1n, limits()),
        "OrganisationsUnknownProject",
        bob.address,
        1n,
      );
    });

    it("changes limits, keeps what was spent and begins the total anew", async function () {
      const { meter, alice, key, limit, use } = await networkHelpers.loadFixture(fixture);
      const terms = { epochLimit: 200n * TOKEN_PRICE, totalLimit: 300n * TOKEN_PRICE };
      await limit("project", terms);
      await use(key, 100n);

      await expect(limit("project", { ...terms, categories: 2n }))
        .to.emit(meter, "ProjectSet")
        .withArgs(
          alice.address,
          1n,
          limitValues({ ...terms, totalLimit: 200n * TOKEN_PRICE }),
          limitValues({ ...terms, categories: 2n }),
        );
      expect(await meter.projectOf(alice, 1n)).to.deep.equal([
        100n * TOKEN_PRICE,
        limitValues({ ...terms, categories: 2n }),
      ]);
      expect(await meter.projectOf(alice, 2n)).to.deep.equal([0n, limitValues()]);
    });

    it("stops at once when the epoch limit is set below what was spent", async function () {
      const { key, limit, use, judgeUse, toEpoch } = await networkHelpers.loadFixture(fixture);
      await use(key, 100n);

      await limit("project", { epochLimit: 40n * TOKEN_PRICE });

      expect(await judgeUse(key, 1n)).to.equal(Reason.ProjectLimitExceeded);
      await toEpoch(11n);
      expect(await judgeUse(key, 40n)).to.equal(Reason.None);
    });
  });

  describe("setKey", function () {
    it("reverts when the key is zero or the account itself", async function () {
      const { own, alice, expectRefused } = await networkHelpers.loadFixture(fixture);

      for (const key of [ZERO, alice.address])
        await expectRefused(
          own.setKey(alice, key, 0n, Role.Spender, limits()),
          "OrganisationsInvalidKey",
          key,
        );
    });

    it("reverts when there is no role, or a manager without a project", async function () {
      const { own, alice, second, expectRefused } = await networkHelpers.loadFixture(fixture);

      for (const [role, project] of [
        [Role.None, 0n],
        [Role.None, 1n],
        [Role.Manager, 0n],
      ] as const)
        await expectRefused(
          own.setKey(alice, second, project, role, limits()),
          "OrganisationsInvalidRole",
          role,
          project,
        );
    });

    it("reverts when the project belongs to another account only", async function () {
      const { meter, bob, second, expectRefused } = await networkHelpers.loadFixture(fixture);

      await expectRefused(
        meter.connect(bob).setKey(bob, second, 1n, Role.Spender, limits()),
        "OrganisationsUnknownProject",
        bob.address,
        1n,
      );
    });

    it("reverts when the caller is neither admin nor manager", async function () {
      const { meter, alice, bob, key, second, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      for (const caller of [bob, key, second])
        for (const project of [0n, 1n])
          await expectRefused(
            meter.connect(caller).setKey(alice, caller, project, Role.Spender, limits()),
            "OrganisationsNotManager",
            alice.address,
            project,
            caller.address,
          );
    });

    it("gives rights, changes them, keeps what was spent and begins the total anew", async function () {
      const { meter, own, alice, second, use } = await networkHelpers.loadFixture(fixture);
      const first = { epochLimit: 200n * TOKEN_PRICE, totalLimit: 300n * TOKEN_PRICE };
      const then = { ...first, expiresAt: FAR - 5n, categories: 9n };

      await expect(own.setKey(alice, second, 0n, Role.Spender, limits(first)))
        .to.emit(meter, "KeySet")
        .withArgs(alice.address, second.address, 0n, Role.Spender, NO_LIMITS, limitValues(first));
      await use(second, 100n);
      await expect(own.setKey(alice, second, 2n, Role.Manager, limits(then)))
        .to.emit(meter, "KeySet")
        .withArgs(
          alice.address,
          second.address,
          2n,
          Role.Manager,
          limitValues({ ...first, totalLimit: 200n * TOKEN_PRICE }),
          limitValues(then),
        );

      expect(await meter.keyOf(alice, second)).to.deep.equal([
        Role.Manager,
        2n,
        100n * TOKEN_PRICE,
        limitValues(then),
      ]);
    });

    it("forgets what a key spent when the epoch is over", async function () {
      const { meter, alice, key, use, toEpoch } = await networkHelpers.loadFixture(fixture);
      await use(key, 100n);
      expect((await meter.keyOf(alice, key)).spent).to.equal(100n * TOKEN_PRICE);
      expect((await meter.projectOf(alice, 1n)).spent).to.equal(100n * TOKEN_PRICE);

      await toEpoch(11n);

      expect((await meter.keyOf(alice, key)).spent).to.equal(0n);
      expect((await meter.projectOf(alice, 1n)).spent).to.equal(0n);
    });

    it("lets one key speak for two meter, each with terms of its own", async function () {
      const { meter, alice, bob, key } = await networkHelpers.loadFixture(fixture);

      await setKey(meter, bob, key, { epochLimit: GWEI });

      expect((await meter.keyOf(bob, key)).limits.epochLimit).to.equal(GWEI);
      expect((await meter.keyOf(alice, key)).limits.epochLimit).to.equal(MAX_LIMIT);
    });
  });

  describe("managers", function () {
    it("set, change and revoke the spenders of their project", async function () {
      const { meter, alice, manager, second } = await networkHelpers.loadFixture(fixture);
      const by = meter.connect(manager);

      await expect(by.setKey(alice, second, 1n, Role.Spender, limits({ totalLimit: GWEI })))
        .to.emit(meter, "KeySet")
        .withArgs(
          alice.address,
          second.address,
          1n,
          Role.Spender,
          NO_LIMITS,
          limitValues({ totalLimit: GWEI }),
        );
      await by.setKey(alice, second, 1n, Role.Spender, limits());
      await expect(by.revokeKey(alice, second))
        .to.emit(meter, "KeyRevoked")
        .withArgs(alice.address, second.address);
      await by.setKey(alice, second, 1n, Role.Spender, limits());

      expect((await meter.keyOf(alice, second)).role).to.equal(Role.Spender);
    });

    it("reach no other project, no key outside of projects, and no account", async function () {
      const { meter, own, alice, bob, manager, second, third, expectRefused } =
        await networkHelpers.loadFixture(fixture);
      const by = meter.connect(manager);
      await own.setKey(alice, second, 2n, Role.Spender, limits());
      await own.setKey(alice, third, 0n, Role.Spender, limits());
      await meter.connect(bob).openProject(bob, limits());

      for (const [account, key, project] of [
        [alice, second, 2n], // where it is
        [alice, second, 1n], // drawn into the manager's project
        [alice, third, 0n],
        [alice, third, 1n],
        [alice, bob, 2n],
        [alice, bob, 0n],
        [bob, second, 1n],
      ] as const)
        await expectRefused(
          by.setKey(account, key, project, Role.Spender, limits()),
          "OrganisationsNotManager",
          account.address,
          project,
          manager.address,
        );
      for (const [key, project] of [
        [second, 2n],
        [third, 0n],
      ] as const)
        await expectRefused(
          by.revokeKey(alice, key),
          "OrganisationsNotManager",
          alice.address,
          project,
          manager.address,
        );
    });

    it("managers cannot promote, change or revoke a manager, themselves included", async function () {
      const { meter, own, alice, key, manager, second, expectRefused } =
        await networkHelpers.loadFixture(fixture);
      const by = meter.connect(manager);
      await own.setKey(alice, second, 1n, Role.Manager, limits());
      const refused = ["OrganisationsNotManager", alice.address, 1n, manager.address] as const;

      for (const who of [manager, key, second])
        await expectRefused(by.setKey(alice, who, 1n, Role.Manager, limits()), ...refused);
      for (const who of [manager, second])
        await expectRefused(by.setKey(alice, who, 1n, Role.Spender, limits()), ...refused);
      await expectRefused(by.revokeKey(alice, second), ...refused);
    });

    it("managers sign nothing", async function () {
      const { manager, judgeUse } = await networkHelpers.loadFixture(fixture);

      expect(await judgeUse(manager, 1n)).to.equal(Reason.KeyCannotSpend);
    });

    it("manage in the last second of their expiry and not one second later", async function () {
      const { meter, own, alice, manager, second, expectRefused } =
        await networkHelpers.loadFixture(fixture);
      const expiresAt = BigInt(await time.latest()) + 100n;
      await own.setKey(alice, manager, 1n, Role.Manager, limits({ expiresAt }));
      const by = meter.connect(manager);

      await time.setNextBlockTimestamp(expiresAt);
      await by.setKey(alice, second, 1n, Role.Spender, limits());
      const refused = ["OrganisationsNotManager", alice.address, 1n, manager.address] as const;
      await time.increaseTo(expiresAt + 1n);
      await expectRefused(by.setKey(alice, second, 1n, Role.Spender, limits()), ...refused);
      await expectRefused(by.revokeKey(alice, second), ...refused);
    });

    const ends: [string, (suite: Awaited<ReturnType<typeof fixture>>) => Promise<unknown>][] = [
      ["itself", async ({ own, alice, manager }) => own.revokeKey(alice, manager)],
      ["with its project's keys", async ({ own, alice }) => own.revokeProjectKeys(alice, 1n)],
      ["with all keys", async ({ own, alice }) => own.revokeAllKeys(alice)],
    ];
    for (const [how, end] of ends)
      it(`manage nothing once revoked ${how}`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { meter, alice, manager, second, expectRefused } = suite;

        await end(suite);

        await expectRefused(
          meter.connect(manager).setKey(alice, second, 1n, Role.Spender, limits()),
          "OrganisationsNotManager",
          alice.address,
          1n,
          manager.address,
        );
      });

    it("managers may give a key that was revoked in another project rights in their own", async function () {
      const { meter, own, alice, manager, second } = await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 2n, Role.Manager, limits());
      await own.revokeProjectKeys(alice, 2n);

      await meter.connect(manager).setKey(alice, second, 1n, Role.Spender, limits());

      const { role, project } = await meter.keyOf(alice, second);
      expect([role, project]).to.deep.equal([Role.Spender, 1n]);
    });

    it("managers may leave", async function () {
      const { meter, alice, manager } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(manager).revokeKey(alice, manager))
        .to.emit(meter, "KeyRevoked")
        .withArgs(alice.address, manager.address);
    });
  });

  describe("revokeKey", function () {
    it("reverts when the key has no rights", async function () {
      const { own, alice, second, key, expectRefused } = await networkHelpers.loadFixture(fixture);
      const unknown = "OrganisationsUnknownKey";

      await expectRefused(own.revokeKey(alice, second), unknown, alice.address, second.address);
      await own.revokeKey(alice, key);
      await expectRefused(own.revokeKey(alice, key), unknown, alice.address, key.address);
    });

    it("reverts when the caller is neither admin nor manager nor the key", async function () {
      const { meter, own, alice, bob, key, second, expectRefused } =
        await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 1n, Role.Spender, limits());

      for (const caller of [bob, second])
        await expectRefused(
          meter.connect(caller).revokeKey(alice, key),
          "OrganisationsNotManager",
          alice.address,
          1n,
          caller.address,
        );
    });

    it("takes all rights but remembers what was spent in the epoch", async function () {
      const { meter, own, alice, key, use, limit, judgeUse } =
        await networkHelpers.loadFixture(fixture);
      await use(key, 100n);

      await expect(own.revokeKey(alice, key))
        .to.emit(meter, "KeyRevoked")
        .withArgs(alice.address, key.address);
      expect(await meter.keyOf(alice, key)).to.deep.equal([Role.None, 0n, 0n, NO_LIMITS]);
      expect(await judgeUse(key, 1n)).to.equal(Reason.KeyUnknown);
      await expect(limit("key", { epochLimit: 150n * TOKEN_PRICE }))
        .to.emit(meter, "KeySet")
        .withArgs(
          alice.address,
          key.address,
          1n,
          Role.Spender,
          NO_LIMITS,
          limitValues({ epochLimit: 150n * TOKEN_PRICE }),
        );

      expect((await meter.keyOf(alice, key)).spent).to.equal(100n * TOKEN_PRICE);
      expect(await judgeUse(key, 51n)).to.equal(Reason.KeyLimitExceeded);
      expect(await judgeUse(key, 50n)).to.equal(Reason.None);
    });

    it("lets a key revoke itself, also when it has expired", async function () {
      const { meter, alice, key, limit } = await networkHelpers.loadFixture(fixture);
      const expiresAt = BigInt(await time.latest()) + 10n;
      await limit("key", { expiresAt });
      await time.increaseTo(expiresAt + 1n);

      await meter.connect(key).revokeKey(alice, key);

      expect((await meter.keyOf(alice, key)).role).to.equal(Role.None);
    });
  });

  describe("revokeProjectKeys", function () {
    it("reverts when the caller is no admin, or there is no such project", async function () {
      const { meter, own, alice, manager, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      await expectRefused(
        meter.connect(manager).revokeProjectKeys(alice, 1n),
        "OrganisationsNotAdmin",
        alice.address,
        manager.address,
      );
      for (const project of [0n, 3n])
        await expectRefused(
          own.revokeProjectKeys(alice, project),
          "OrganisationsUnknownProject",
          alice.address,
          project,
        );
    });

    it("takes the rights of the project's keys and of no others", async function () {
      const { meter, own, alice, key, manager, second, third, judgeUse, expectRefused } =
        await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 2n, Role.Spender, limits());
      await own.setKey(alice, third, 0n, Role.Spender, limits());

      await expect(own.revokeProjectKeys(alice, 1n))
        .to.emit(meter, "ProjectKeysRevoked")
        .withArgs(alice.address, 1n);

      for (const gone of [key, manager]) {
        expect(await meter.keyOf(alice, gone)).to.deep.equal([Role.None, 0n, 0n, NO_LIMITS]);
        expect(await judgeUse(gone, 1n)).to.equal(Reason.KeyUnknown);
        await expectRefused(
          own.revokeKey(alice, gone),
          "OrganisationsUnknownKey",
          alice.address,
          gone.address,
        );
      }
      for (const kept of [second, third]) expect(await judgeUse(kept, 1n)).to.equal(Reason.None);
    });

    it("says that a key it took the rights of had none, when that is set again", async function () {
      const { meter, own, alice, key, limit } = await networkHelpers.loadFixture(fixture);
      await limit("key", { epochLimit: 5n * GWEI });
      await own.revokeProjectKeys(alice, 1n);

      await expect(limit("key", {}))
        .to.emit(meter, "KeySet")
        .withArgs(alice.address, key.address, 1n, Role.Spender, NO_LIMITS, limitValues());
    });

    it("keeps the project, its limits and what it spent", async function () {
      const { meter, own, alice, key, limit, use, judgeUse } =
        await networkHelpers.loadFixture(fixture);
      const terms = { epochLimit: 150n * TOKEN_PRICE, totalLimit: 500n * TOKEN_PRICE };
      await limit("project", terms);
      await use(key, 100n);

      for (let i = 0; i < 3; i += 1) await own.revokeProjectKeys(alice, 1n);
      await limit("key", {});

      expect(await meter.projectOf(alice, 1n)).to.deep.equal([
        100n * TOKEN_PRICE,
        limitValues({ ...terms, totalLimit: 400n * TOKEN_PRICE }),
      ]);
      expect((await meter.organisationOf(alice)).projects).to.equal(2n);
      expect((await meter.keyOf(alice, key)).project).to.equal(1n);
      expect(await judgeUse(key, 51n)).to.equal(Reason.ProjectLimitExceeded);
      expect(await judgeUse(key, 50n)).to.equal(Reason.None);
    });
  });

  describe("revokeAllKeys", function () {
    it("reverts when the caller is no admin", async function () {
      const { meter, alice, bob, manager, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      for (const caller of [bob, manager])
        await expectRefused(
          meter.connect(caller).revokeAllKeys(alice),
          "OrganisationsNotAdmin",
          alice.address,
          caller.address,
        );
    });

    it("takes the rights of every key of the account and of no other", async function () {
      const { meter, own, alice, bob, key, manager, second, judgeUse } =
        await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 0n, Role.Spender, limits());
      await setKey(meter, bob, key);

      for (const generation of [1n, 2n])
        await expect(own.revokeAllKeys(alice))
          .to.emit(meter, "AllKeysRevoked")
          .withArgs(alice.address, generation);

      for (const gone of [key, manager, second]) {
        expect(await meter.keyOf(alice, gone)).to.deep.equal([Role.None, 0n, 0n, NO_LIMITS]);
        expect(await judgeUse(gone, 1n)).to.equal(Reason.KeyUnknown);
      }
      expect(await judgeUse(alice, 1n)).to.equal(Reason.None);
      expect((await meter.keyOf(bob, key)).role).to.equal(Role.Spender);
      expect((await meter.organisationOf(alice)).generation).to.equal(2n);
    });

    it("begins the key records of an account anew, while projects remember", async function () {
      const { meter, own, alice, key, limit, use } = await networkHelpers.loadFixture(fixture);
      await use(key, 100n);
      await own.revokeAllKeys(alice);

      await expect(limit("key", {}))
        .to.emit(meter, "KeySet")
        .withArgs(alice.address, key.address, 1n, Role.Spender, NO_LIMITS, limitValues());

      expect((await meter.keyOf(alice, key)).spent).to.equal(0n);
      expect((await meter.projectOf(alice, 1n)).spent).to.equal(100n * TOKEN_PRICE);
    });
  });

  describe("revocation and settlement (ACC-I5)", function () {
    const revocations: [string, (own: Own, alice: Signer, key: Signer) => Promise<unknown>][] = [
      ["a key", async (own, alice, key) => own.revokeKey(alice, key, ORDERED)],
      ["a project's keys", async (own, alice) => own.revokeProjectKeys(alice, 1n, ORDERED)],
      ["all keys", async (own, alice) => own.revokeAllKeys(alice, ORDERED)],
    ];
    type Own = Awaited<ReturnType<typeof fixture>>["own"];
    const ORDERED = { gasPrice: 10n ** 10n, gasLimit: 1_000_000n };

    for (const [what, revoke] of revocations)
      for (const first of ["before", "after"] as const)
        it(`obeys a revocation of ${what} ${first} the settlement in one block`, async function () {
          const { meter, settlement, own, alice, key, stranger, sign, line } =
            await networkHelpers.loadFixture(fixture);
          const signed = await sign([line(100n)], { key });
          const gasPrice = first === "before" ? 5n * GWEI : 100n * GWEI;

          await ethers.provider.send("evm_setAutomine", [false]);
          const sent = await settlement
            .connect(stranger)
            .settle(packed([signed]), { gasPrice, gasLimit: 2_000_000n });
          await revoke(own, alice, key);
          await networkHelpers.mine();
          await ethers.provider.send("evm_setAutomine", [true]);

          const block = await ethers.provider.getBlock("latest");
          expect(block?.transactions).to.have.lengthOf(2);
          const isRevoked = first === "before";
          if (isRevoked)
            await expect(sent)
              .to.emit(meter, "StatementSkipped")
              .withArgs(alice.address, key.address, Reason.KeyUnknown);
          else await expect(sent).to.emit(meter, "LineSettled");
          expect(await meter.creditOf(alice)).to.equal(
            100n * OPA - (isRevoked ? 0n : 100n * TOKEN_PRICE),
          );
          expect((await meter.keyOf(alice, key)).role).to.equal(Role.None);
        });

    it("costs the same for 1 key and for 50", async function () {
      const { own, alice } = await networkHelpers.loadFixture(fixture);
      const gas = new Map<string, bigint[]>();
      for (const count of [1n, 50n])
        for (const what of ["project", "all"] as const) {
          const snapshot = await networkHelpers.takeSnapshot();
          for (let i = 1n; i <= count; i += 1n)
            await own.setKey(
              alice,
              ethers.toBeHex(0xabcdef00n + i, 20),
              2n,
              Role.Spender,
              limits(),
            );
          const sent = what === "all" ? own.revokeAllKeys(alice) : own.revokeProjectKeys(alice, 2n);
          gas.set(what, [...(gas.get(what) ?? []), await gasOf(sent)]);
          await snapshot.restore();
        }

      for (const [few, many] of gas.values()) {
        expect(few).to.equal(many);
        expect((few ?? 0n) < 110_000n).to.equal(true);
      }
    });
  });

  describe("admins (ACC-I3, ACC-I4)", function () {
    it("begin with the account itself, which no one wrote down", async function () {
      const { meter, bob, alice, startedAt } = await networkHelpers.loadFixture(fixture);
      const expiresAt = startedAt + 2n ** 32n - 1n;

      expect(await meter.isAdmin(bob, bob)).to.equal(true);
      expect(await meter.isAdmin(bob, alice)).to.equal(false);
      expect(await meter.organisationOf(bob)).to.deep.equal([
        1n,
        0n,
        0n,
        ZERO,
        limitValues({ expiresAt }),
      ]);
    });

    it("admins are nominated by admins only", async function () {
      const { meter, alice, bob, key, manager, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      for (const caller of [bob, key, manager])
        await expectRefused(
          meter.connect(caller).nominateAdmin(alice, caller),
          "OrganisationsNotAdmin",
          alice.address,
          caller.address,
        );
    });

    it("admins are not nominated twice, from among admins, or from nobody to nobody", async function () {
      const { meter, own, alice, bob, second, expectRefused } =
        await networkHelpers.loadFixture(sharedFixture);
      const invalid = "OrganisationsInvalidNominee";

      for (const nominee of [alice.address, bob.address, ZERO, await meter.getAddress()])
        await expectRefused(own.nominateAdmin(alice, nominee), invalid, alice.address, nominee);
      await own.nominateAdmin(alice, second);
      await expectRefused(own.nominateAdmin(alice, second), invalid, alice.address, second.address);
    });

    it("join by accepting, once, and only the last nominee", async function () {
      const { meter, own, alice, bob, second, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      await expect(own.nominateAdmin(alice, bob))
        .to.emit(meter, "AdminNominated")
        .withArgs(alice.address, ZERO, bob.address);
      expect(await meter.isAdmin(alice, bob)).to.equal(false);
      await expect(own.nominateAdmin(alice, second))
        .to.emit(meter, "AdminNominated")
        .withArgs(alice.address, bob.address, second.address);
      expect((await meter.organisationOf(alice)).nominee).to.equal(second.address);
      const refused = ["OrganisationsNotNominee", alice.address] as const;
      await expectRefused(meter.connect(bob).acceptAdmin(alice), ...refused, bob.address);
      await expect(meter.connect(second).acceptAdmin(alice))
        .to.emit(meter, "AdminAdded")
        .withArgs(alice.address, second.address);
      await expectRefused(meter.connect(second).acceptAdmin(alice), ...refused, second.address);

      const { admins, nominee } = await meter.organisationOf(alice);
      expect([admins, nominee]).to.deep.equal([2n, ZERO]);
      expect(await meter.isAdmin(alice, second)).to.equal(true);
      expect(await meter.isAdmin(alice, alice)).to.equal(true);
    });

    it("admins may withdraw a nomination", async function () {
      const { meter, own, alice, bob, expectRefused } = await networkHelpers.loadFixture(fixture);
      await own.nominateAdmin(alice, bob);

      await expect(own.nominateAdmin(alice, ZERO))
        .to.emit(meter, "AdminNominated")
        .withArgs(alice.address, bob.address, ZERO);

      await expectRefused(
        meter.connect(bob).acceptAdmin(alice),
        "OrganisationsNotNominee",
        alice.address,
        bob.address,
      );
    });

    it("admins are at most sixteen", async function () {
      const { meter, own, alice, expectRefused } = await networkHelpers.loadFixture(fixture);
      const others = Array.from({ length: 16 }, (_, i) => ethers.toBeHex(0xadad00 + i, 20));
      const join = async (address: string) => {
        await networkHelpers.impersonateAccount(address);
        await networkHelpers.setBalance(address, OPA);
        await own.nominateAdmin(alice, address);
        return meter.connect(await ethers.getSigner(address)).acceptAdmin(alice);
      };

      for (const address of others.slice(0, 15)) await join(address);
      expect((await meter.organisationOf(alice)).admins).to.equal(16n);
      const last = others[15] ?? "";
      await expectRefused(join(last), "OrganisationsTooManyAdmins", alice.address, 16n);
      await own.removeAdmin(alice, others[0] ?? "");
      await join(last);

      expect((await meter.organisationOf(alice)).admins).to.equal(16n);
    });

    it("admins do everything that the account itself could", async function () {
      const { meter, alice, bob, second, provider } =
        await networkHelpers.loadFixture(sharedFixture);
      const by = meter.connect(bob);

      await by.limitOrganisation(alice, limits());
      await by.openProject(alice, limits());
      await by.setProject(alice, 3n, limits());
      await by.setKey(alice, second, 3n, Role.Manager, limits());
      await by.revokeKey(alice, second);
      await by.revokeProjectKeys(alice, 3n);
      await by.revokeAllKeys(alice);
      await by.reserve(alice, provider, alice, OPA, BigInt(await time.latest()) + 100n);
      await expect(by.withdraw(alice, bob, OPA))
        .to.emit(meter, "CreditWithdrawn")
        .withArgs(alice.address, bob.address, OPA);
    });

    it("admins sign nothing unless they are keys", async function () {
      const { meter, bob, alice, judgeUse } = await networkHelpers.loadFixture(sharedFixture);

      expect(await judgeUse(bob, 1n)).to.equal(Reason.KeyUnknown);
      await setKey(meter, alice, bob);
      expect(await judgeUse(bob, 1n)).to.equal(Reason.None);
    });

    it("admins are removed by admins only, and only if they are admins", async function () {
      const { meter, own, alice, bob, key, second, expectRefused } =
        await networkHelpers.loadFixture(sharedFixture);

      await expectRefused(
        meter.connect(key).removeAdmin(alice, bob),
        "OrganisationsNotAdmin",
        alice.address,
        key.address,
      );
      for (const no of [second.address, ZERO])
        await expectRefused(own.removeAdmin(alice, no), "OrganisationsNotAdmin", alice.address, no);
      await expect(own.removeAdmin(alice, bob))
        .to.emit(meter, "AdminRemoved")
        .withArgs(alice.address, bob.address);
      await expectRefused(
        meter.connect(bob).withdraw(alice, bob, 1n),
        "OrganisationsNotAdmin",
        alice.address,
        bob.address,
      );
      expect((await meter.organisationOf(alice)).admins).to.equal(1n);
    });

    it("admins cannot leave as the last one", async function () {
      const { meter, own, alice, bob, expectRefused } =
        await networkHelpers.loadFixture(sharedFixture);

      await own.removeAdmin(alice, alice);
      await expectRefused(
        meter.connect(bob).removeAdmin(alice, bob),
        "OrganisationsLastAdmin",
        alice.address,
        bob.address,
      );
      for (const person of [bob]) {
        const fresh = meter.connect(person);
        await expectRefused(
          fresh.removeAdmin(person, person),
          "OrganisationsLastAdmin",
          person.address,
          person.address,
        );
      }
    });

    it("admins may remove the account itself, which then neither signs nor administers", async function () {
      const { meter, own, alice, bob, key, token, judgeUse, expectRefused } =
        await networkHelpers.loadFixture(sharedFixture);

      await expect(meter.connect(bob).removeAdmin(alice, alice))
        .to.emit(meter, "AdminRemoved")
        .withArgs(alice.address, alice.address);

      expect(await meter.isAdmin(alice, alice)).to.equal(false);
      expect((await meter.organisationOf(alice)).admins).to.equal(1n);
      expect(await judgeUse(alice, 1n)).to.equal(Reason.KeyUnknown);
      expect(await judgeUse(key, 1n)).to.equal(Reason.None);
      const refused = ["OrganisationsNotAdmin", alice.address, alice.address] as const;
      await expectRefused(own.withdraw(alice, alice, 1n), ...refused);
      await expectRefused(own.limitOrganisation(alice, limits()), ...refused);
      await expectRefused(own.nominateAdmin(alice, alice), ...refused);
      await expectRefused(own.removeAdmin(alice, bob), ...refused);
      await expectRefused(
        own.setKey(alice, key, 1n, Role.Spender, limits()),
        "OrganisationsNotManager",
        alice.address,
        1n,
        alice.address,
      );
      const sent = meter.connect(bob).withdraw(alice, bob, 100n * OPA);
      await expect(sent).to.changeTokenBalances(ethers, token, [bob], [100n * OPA]);
    });

    it("take the nominee with them when they are removed", async function () {
      const { meter, own, alice, bob, second, expectRefused } =
        await networkHelpers.loadFixture(sharedFixture);
      await meter.connect(bob).nominateAdmin(alice, second);

      await expect(own.removeAdmin(alice, bob))
        .to.emit(meter, "AdminNominated")
        .withArgs(alice.address, second.address, ZERO);

      expect((await meter.organisationOf(alice)).nominee).to.equal(ZERO);
      await expectRefused(
        meter.connect(second).acceptAdmin(alice),
        "OrganisationsNotNominee",
        alice.address,
        second.address,
      );
    });

    it("bring the account back by nominating it", async function () {
      const { meter, own, alice, bob, judgeUse } = await networkHelpers.loadFixture(sharedFixture);
      await own.removeAdmin(alice, alice);

      await meter.connect(bob).nominateAdmin(alice, alice);
      await expect(own.acceptAdmin(alice))
        .to.emit(meter, "AdminAdded")
        .withArgs(alice.address, alice.address);

      expect((await meter.organisationOf(alice)).admins).to.equal(2n);
      expect(await meter.isAdmin(alice, alice)).to.equal(true);
      expect(await judgeUse(alice, 1n)).to.equal(Reason.None);
      await own.removeAdmin(alice, bob);
      expect((await meter.organisationOf(alice)).admins).to.equal(1n);
    });

    it("admins of one account have no right on another", async function () {
      const { meter, alice, bob, own, expectRefused } =
        await networkHelpers.loadFixture(sharedFixture);

      expect(await meter.isAdmin(bob, alice)).to.equal(false);
      await expectRefused(
        own.revokeAllKeys(bob),
        "OrganisationsNotAdmin",
        bob.address,
        alice.address,
      );
    });
  });

  describe("contract wallets", function () {
    async function walletFixture() {
      const suite = await fixture();
      const wallet = await ethers.deployContract("WalletMock", [suite.bob]);
      const execute = async (name: "acceptAdmin" | "withdraw" | "setKey", ...args: unknown[]) =>
        send(
          wallet,
          "execute",
          suite.meter,
          suite.meter.interface.encodeFunctionData(name as "withdraw", args as never),
        );
      return { ...suite, wallet: await wallet.getAddress(), execute };
    }

    it("contract wallets sign as keys of a project, within its limits", async function () {
      const { own, alice, bob, wallet, limit, judge, sign, line } =
        await networkHelpers.loadFixture(walletFixture);
      await own.setKey(alice, wallet, 1n, Role.Spender, limits());
      await limit("project", { totalLimit: 100n * TOKEN_PRICE });
      const by = { key: bob, signer: wallet };

      expect(await judge(await sign([line(100n)], by))).to.equal(Reason.None);
      expect(await judge(await sign([line(101n)], by))).to.equal(Reason.ProjectTotalExceeded);
      await own.revokeProjectKeys(alice, 1n);
      expect(await judge(await sign([line(1n)], by))).to.equal(Reason.KeyUnknown);
    });

    it("administer and manage like anybody", async function () {
      const { meter, own, alice, bob, second, wallet, execute } =
        await networkHelpers.loadFixture(walletFixture);

      await own.nominateAdmin(alice, wallet);
      await execute("acceptAdmin", alice.address);
      await own.removeAdmin(alice, alice);
      await execute("withdraw", alice.address, bob.address, OPA);
      const terms = limitValues();
      await execute("setKey", alice.address, second.address, 0n, Role.Spender, terms);

      expect(await meter.creditOf(alice)).to.equal(99n * OPA);
      expect((await meter.keyOf(alice, second)).role).to.equal(Role.Spender);
      expect(await meter.isAdmin(alice, wallet)).to.equal(true);
    });

    it("manage the spenders of their project", async function () {
      const { meter, own, alice, second, wallet, execute, expectRefused } =
        await networkHelpers.loadFixture(walletFixture);
      await own.setKey(alice, wallet, 2n, Role.Manager, limits());
      const terms = limitValues();

      await execute("setKey", alice.address, second.address, 2n, Role.Spender, terms);

      expect((await meter.keyOf(alice, second)).project).to.equal(2n);
      await expectRefused(
        execute("setKey", alice.address, second.address, 1n, Role.Spender, terms),
        "OrganisationsNotManager",
        alice.address,
        1n,
        wallet,
      );
    });
  });

  describe("the strictest limit (ACC-I2)", function () {
    for (const scope of SCOPES) {
      for (const field of ["epochLimit", "totalLimit"] as const)
        it(`is the ${field} of the ${scope}, to the unit`, async function () {
          const { meter, alice, key, provider, limit, use, judgeUse } =
            await networkHelpers.loadFixture(fixture);
          const reason = REASON_OF[scope][field];
          await limit(scope, { [field]: 100n * TOKEN_PRICE });

          expect(await judgeUse(key, 101n)).to.equal(reason);
          await use(key, 60n);
          expect(await judgeUse(key, 41n)).to.equal(reason);
          await use(key, 40n);
          expect(await judgeUse(key, 1n)).to.equal(reason);
          const authorized = await meter.authorize(alice, key, provider, TOKENS, 1n);
          expect(authorized).to.deep.equal([reason, 0n]);
        });

      it(`of the ${scope} begins anew with the epoch, its total does not`, async function () {
        const { limit, key, use, judgeUse, toEpoch } = await networkHelpers.loadFixture(fixture);
        const reasons = REASON_OF[scope];
        await limit(scope, { epochLimit: 100n * TOKEN_PRICE, totalLimit: 150n * TOKEN_PRICE });
        await use(key, 100n);

        expect(await judgeUse(key, 1n)).to.equal(reasons.epochLimit);
        await toEpoch(11n);
        expect(await judgeUse(key, 51n)).to.equal(reasons.totalLimit);
        await use(key, 50n);
        expect(await judgeUse(key, 1n)).to.equal(reasons.totalLimit);
        await toEpoch(12n);
        expect(await judgeUse(key, 1n)).to.equal(reasons.totalLimit);
      });

      it(`of the ${scope} ends after the second of its expiry`, async function () {
        const { meter, alice, key, limit, use, judgeUse } =
          await networkHelpers.loadFixture(fixture);
        const expiresAt = BigInt(await time.latest()) + 100n;
        await limit(scope, { expiresAt });

        await time.setNextBlockTimestamp(expiresAt);
        await expect(use(key, 1n)).to.emit(meter, "LineSettled");
        await time.setNextBlockTimestamp(expiresAt + 1n);
        await expect(use(key, 1n))
          .to.emit(meter, "StatementSkipped")
          .withArgs(alice.address, key.address, REASON_OF[scope].expiresAt);
        const own = scope === "organisation" ? Reason.OrganisationExpired : Reason.None;
        expect(await judgeUse(alice, 1n)).to.equal(own);
      });

      it(`of the ${scope} allows some categories`, async function () {
        const { limit, key, judgeUse } = await networkHelpers.loadFixture(fixture);
        const categories = (1n << Category.Inference) | (1n << Category.Storage);
        await limit(scope, { categories });

        expect(await judgeUse(key, 1n)).to.equal(Reason.None);
        expect(await judgeUse(key, 1n, GIGABYTES)).to.equal(Reason.None);
        expect(await judgeUse(key, 1n, SECONDS)).to.equal(Reason.CategoryNotAllowed);
      });
    }

    it("counts categories that all of key, project and organisation allow", async function () {
      const { limit, key, alice, judgeUse } = await networkHelpers.loadFixture(fixture);
      await limit("key", { categories: 0b01011n });
      await limit("project", { categories: 0b00111n });
      await limit("organisation", { categories: 0b11010n });

      expect(await judgeUse(key, 1n, TOKENS)).to.equal(Reason.None);
      expect(await judgeUse(key, 1n, SECONDS)).to.equal(Reason.CategoryNotAllowed);
      expect(await judgeUse(key, 1n, GIGABYTES)).to.equal(Reason.CategoryNotAllowed);
      expect(await judgeUse(alice, 1n, GIGABYTES)).to.equal(Reason.None);
      expect(await judgeUse(alice, 1n, SECONDS)).to.equal(Reason.CategoryNotAllowed);
    });

    const amounts = [10n, 20n, 30n, 40n, 50n, 60n];
    for (let turn = 0; turn < amounts.length; turn += 1) {
      const given = SCOPES.flatMap((scope, i) =>
        (["epochLimit", "totalLimit"] as const).map((field, j) => ({
          scope,
          field,
          units: amounts[(2 * i + j + turn) % amounts.length] ?? 0n,
        })),
      );
      const strictest = given.find(({ units }) => units === 10n);
      const name = `${strictest?.scope ?? ""}'s ${strictest?.field ?? ""}`;
      it(`is named when it is the ${name} among six`, async function () {
        const { key, limit, judgeUse } = await networkHelpers.loadFixture(fixture);
        for (const scope of SCOPES) {
          const mine = given.filter((one) => one.scope === scope);
          await limit(
            scope,
            Object.fromEntries(mine.map(({ field, units }) => [field, units * TOKEN_PRICE])),
          );
        }

        expect(await judgeUse(key, 10n)).to.equal(Reason.None);
        for (const units of [11n, 100n])
          expect(await judgeUse(key, units)).to.equal(
            strictest && REASON_OF[strictest.scope][strictest.field],
          );
      });
    }

    it("names the narrowest scope among equal limits", async function () {
      const { key, limit, judgeUse } = await networkHelpers.loadFixture(fixture);
      const same = { epochLimit: 10n * TOKEN_PRICE, totalLimit: 10n * TOKEN_PRICE };
      for (const scope of ["organisation", "project", "key"] as const) {
        await limit(scope, same);
        expect(await judgeUse(key, 11n)).to.equal(REASON_OF[scope].epochLimit);
      }
    });

    it("comes before missing credit if more than it is asked for", async function () {
      const { own, alice, key, limit, judgeUse } = await networkHelpers.loadFixture(fixture);
      await own.withdraw(alice, alice, 100n * OPA - 50n * TOKEN_PRICE);
      await limit("organisation", { epochLimit: 70n * TOKEN_PRICE });

      expect(await judgeUse(key, 50n)).to.equal(Reason.None);
      expect(await judgeUse(key, 51n)).to.equal(Reason.InsufficientCredit);
      expect(await judgeUse(key, 71n)).to.equal(Reason.OrganisationLimitExceeded);
    });

    it("names expiry of the key before that of project and organisation", async function () {
      const { key, limit, judgeUse } = await networkHelpers.loadFixture(fixture);
      const expiresAt = BigInt(await time.latest()) + 100n;
      for (const scope of SCOPES) await limit(scope, { expiresAt });
      await time.increaseTo(expiresAt + 1n);

      for (const scope of SCOPES) {
        expect(await judgeUse(key, 1n)).to.equal(REASON_OF[scope].expiresAt);
        await limit(scope, {});
      }
      expect(await judgeUse(key, 1n)).to.equal(Reason.None);
    });
  });

  describe("limits shared (ACC-I2)", function () {
    it("count several keys of a project in one batch", async function () {
      const { meter, own, alice, key, second, limit, sign, line, settle } =
        await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 1n, Role.Spender, limits());
      await limit("project", { epochLimit: 100n * TOKEN_PRICE });

      const { results, tx } = await settle([
        await sign([line(60n)], { key }),
        await sign([line(101n)], { key: second }),
        await sign([line(100n)], { key: second }),
        await sign([line(101n)], { key }),
      ]);

      expect(results.map(({ reasons }) => reasons)).to.deep.equal([
        [Reason.None],
        [Reason.ProjectLimitExceeded],
        [Reason.None],
        [Reason.ProjectLimitExceeded],
      ]);
      expect(results.map(({ burned }) => burned)).to.deep.equal([
        60n * TOKEN_PRICE,
        0n,
        40n * TOKEN_PRICE,
        0n,
      ]);
      await expect(tx).to.emit(meter, "LineSettled");
    });

    it("count several keys of a project over epochs", async function () {
      const { meter, own, alice, key, second, limit, use, judgeUse, toEpoch } =
        await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 1n, Role.Spender, limits());
      await limit("project", { epochLimit: 100n * TOKEN_PRICE, totalLimit: 180n * TOKEN_PRICE });
      await use(key, 70n);
      await use(second, 30n);
      expect(await judgeUse(second, 1n)).to.equal(Reason.ProjectLimitExceeded);
      await toEpoch(11n);
      await use(second, 60n);

      expect(await judgeUse(key, 21n)).to.equal(Reason.ProjectTotalExceeded);
      expect(await judgeUse(key, 20n)).to.equal(Reason.None);
      expect(await meter.projectOf(alice, 1n)).to.deep.equal([
        60n * TOKEN_PRICE,
        limitValues({ epochLimit: 100n * TOKEN_PRICE, totalLimit: 20n * TOKEN_PRICE }),
      ]);
    });

    it("count the account, its projects and its other keys for the organisation", async function () {
      const { own, alice, key, second, third, limit, use, judgeUse } =
        await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 2n, Role.Spender, limits());
      await own.setKey(alice, third, 0n, Role.Spender, limits());
      await limit("organisation", {
        epochLimit: 100n * TOKEN_PRICE,
        totalLimit: 200n * TOKEN_PRICE,
      });
      for (const signer of [alice, key, second, third]) await use(signer, 20n);

      for (const signer of [alice, key, second, third]) {
        expect(await judgeUse(signer, 20n)).to.equal(Reason.None);
        expect(await judgeUse(signer, 21n)).to.equal(Reason.OrganisationLimitExceeded);
      }
    });

    it("leave a project alone whose keys burn nothing", async function () {
      const { meter, own, alice, key, second, limit, use, judgeUse } =
        await networkHelpers.loadFixture(fixture);
      await own.setKey(alice, second, 2n, Role.Spender, limits());
      await limit("project", { epochLimit: 10n * TOKEN_PRICE });
      await use(second, 100n);
      await use(alice, 100n);

      expect((await meter.projectOf(alice, 1n)).spent).to.equal(0n);
      expect((await meter.projectOf(alice, 2n)).spent).to.equal(100n * TOKEN_PRICE);
      expect(await judgeUse(key, 10n)).to.equal(Reason.None);
    });

    it("move with a key to its new project from then on", async function () {
      const { meter, own, alice, key, use } = await networkHelpers.loadFixture(fixture);
      await use(key, 30n);
      await own.setKey(alice, key, 2n, Role.Spender, limits());
      await use(key, 20n);

      expect((await meter.projectOf(alice, 1n)).spent).to.equal(30n * TOKEN_PRICE);
      expect((await meter.projectOf(alice, 2n)).spent).to.equal(20n * TOKEN_PRICE);
      expect((await meter.keyOf(alice, key)).spent).to.equal(50n * TOKEN_PRICE);
    });

    it("leave a reservation alone that names another signer", async function () {
      const { own, alice, key, provider, limit, judgeUse } =
        await networkHelpers.loadFixture(fixture);
      await own.reserve(alice, provider, alice, 50n * OPA, BigInt(await time.latest()) + 1_000n);
      await limit("organisation", { totalLimit: 10n * TOKEN_PRICE });

      expect(await judgeUse(key, 10n)).to.equal(Reason.None);
      expect(await judgeUse(key, 11n)).to.equal(Reason.OrganisationTotalExceeded);
    });

    it("count nothing towards an organisation total that was never set", async function () {
      const { meter, alice, use } = await networkHelpers.loadFixture(fixture);
      await use(alice, 10n);

      expect((await meter.organisationOf(alice)).limits.totalLimit).to.equal(MAX_LIMIT);
    });
  });

  describe("projectOf and keyOf", function () {
    it("revert for a project that is not there, and know nothing of a key that is not", async function () {
      const { meter, alice, bob, second, expectRefused } =
        await networkHelpers.loadFixture(fixture);

      for (const [account, project] of [
        [alice, 0n],
        [alice, 3n],
        [bob, 1n],
      ] as const)
        await expectRefused(
          meter.projectOf(account, project),
          "OrganisationsUnknownProject",
          account.address,
          project,
        );
      expect(await meter.keyOf(alice, second)).to.deep.equal([Role.None, 0n, 0n, NO_LIMITS]);
    });
  });

  describe("tiers (ACC-4)", function () {
    it("tiers are 0 until the policy names one, and at most 7", async function () {
      const { meter, policy, alice } = await networkHelpers.loadFixture(fixture);
      expect(await meter.tierOf(alice)).to.equal(0n);

      for (const [named, tier] of [
        [1n, 1n],
        [7n, 7n],
        [8n, 7n],
        [255n, 7n],
      ] as const) {
        await send(policy, "setTier", alice, named);
        expect(await meter.tierOf(alice)).to.equal(tier);
      }
    });

    it("open a gated resource, noted or not, to the account and its keys", async function () {
      const { policy, alice, key, judgeUse, useGated } = await networkHelpers.loadFixture(fixture);
      for (const signer of [alice, key])
        expect(await judgeUse(signer, 1n, GATED)).to.equal(Reason.TierTooLow);

      await send(policy, "setTier", alice, 1n);
      for (const signer of [alice, key])
        expect(await judgeUse(signer, 1n, GATED)).to.equal(Reason.None);
      await useGated();
      for (const signer of [alice, key])
        expect(await judgeUse(signer, 1n, GATED)).to.equal(Reason.None);
    });

    it("tiers are the account's: a key of another tier opens nothing", async function () {
      const { policy, key, judgeUse } = await networkHelpers.loadFixture(fixture);

      await send(policy, "setTier", key, 7n);

      expect(await judgeUse(key, 1n, GATED)).to.equal(Reason.TierTooLow);
    });

    it("tiers are kept until the epoch ends and not longer", async function () {
      const { meter, policy, alice, startedAt, judgeUse, useGated } =
        await networkHelpers.loadFixture(fixture);
      await send(policy, "setTier", alice, 3n);
      await useGated();
      await send(policy, "setTier", alice, 0n);

      await time.increaseTo(startedAt + 11n * EPOCH - 1n);
      expect(await meter.tierOf(alice)).to.equal(3n);
      expect((await meter.fundsOf(alice, alice)).tier).to.equal(3n);
      expect(await judgeUse(alice, 1n, GATED)).to.equal(Reason.None);
      await time.increaseTo(startedAt + 11n * EPOCH);
      expect(await meter.tierOf(alice)).to.equal(0n);
      expect((await meter.fundsOf(alice, alice)).tier).to.equal(0n);
      expect(await judgeUse(alice, 1n, GATED)).to.equal(Reason.TierTooLow);
    });

    it("follow a policy that replaces another from its epoch on, except where noted", async function () {
      const { meter, admin, policy, alice, startedAt } = await networkHelpers.loadFixture(fixture);
      const next = await ethers.deployContract("AccessPolicyMock");
      await send(policy, "setTier", alice, 2n);
      await send(next, "setTier", alice, 5n);
      await meter.connect(admin).registerAccessPolicy(next);
      await meter.connect(admin).chooseAccessPolicy(next);
      const [, , effectiveEpoch] = await meter.accessPolicy();

      await time.increaseTo(startedAt + effectiveEpoch * EPOCH - 1n);
      expect(await meter.tierOf(alice)).to.equal(2n);
      await time.increaseTo(startedAt + effectiveEpoch * EPOCH);
      expect(await meter.tierOf(alice)).to.equal(5n);
    });
  });

  it("an organisation can be rebuilt from its events", async function () {
    const { meter, own, alice, bob, key, manager, second, third } =
      await networkHelpers.loadFixture(sharedFixture);
    await own.limitOrganisation(alice, limits({ epochLimit: OPA }));
    await own.setProject(alice, 2n, limits({ categories: 7n }));
    await own.setKey(alice, second, 2n, Role.Spender, limits({ totalLimit: OPA }));
    await own.setKey(alice, third, 0n, Role.Spender, limits());
    await own.revokeProjectKeys(alice, 1n);
    await own.revokeKey(alice, third);
    await own.nominateAdmin(alice, key);

    const projects = new Map<bigint, bigint[]>();
    const keys = new Map<string, { project: bigint; role: bigint; limits: bigint[] }>();
    const admins = new Set([alice.address]);
    let organisation: bigint[] = [];
    let nominee: string = ZERO;
    const logs = await ethers.provider.getLogs({
      address: await meter.getAddress(),
      fromBlock: 0,
    });
    for (const log of logs) {
      const event = meter.interface.parseLog(log);
      const args = event?.args as unknown as Told | undefined;
      if (!event || args?.account !== alice.address) continue;
      if (event.name === "OrganisationLimited") organisation = [...args.current];
      if (event.name === "ProjectSet") projects.set(args.project, [...args.current]);
      if (event.name === "KeySet")
        keys.set(args.key, { project: args.project, role: args.role, limits: [...args.current] });
      if (event.name === "KeyRevoked") keys.delete(args.key);
      if (event.name === "ProjectKeysRevoked")
        for (const [address, { project }] of keys)
          if (project === args.project) keys.delete(address);
      if (event.name === "AllKeysRevoked") keys.clear();
      if (event.name === "AdminNominated") nominee = args.nominee;
      if (event.name === "AdminAdded") {
        admins.add(args.admin);
        nominee = ZERO;
      }
      if (event.name === "AdminRemoved") admins.delete(args.admin);
    }

    expect(await meter.organisationOf(alice)).to.deep.equal([
      BigInt(admins.size),
      BigInt(projects.size),
      0n,
      nominee,
      organisation,
    ]);
    for (const [project, expected] of projects)
      expect((await meter.projectOf(alice, project)).limits).to.deep.equal(expected);
    for (const { address } of [key, manager, second, third]) {
      const found = await meter.keyOf(alice, address);
      const expected = keys.get(address) ?? { project: 0n, role: Role.None, limits: NO_LIMITS };
      expect([found.role, found.project, found.limits]).to.deep.equal([
        expected.role,
        expected.project,
        expected.limits,
      ]);
    }
    expect(admins).to.deep.equal(new Set([alice.address, bob.address]));
  });
});

/** Makes an account have used `places` places, of which it has used `used`, by writing where the counts are kept. */
async function fillPlaces(address: AddressLike, account: string, used: bigint, places: bigint) {
  const target = await ethers.resolveAddress(address);
  for (let slot = 0n; slot < 64n; slot += 1n) {
    const words = ethers.AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account, slot]);
    const place = ethers.keccak256(words);
    const word = BigInt(await ethers.provider.getStorage(target, place));
    if (word !== ((used << 32n) | used)) continue;
    const changed = (places << 32n) | used;
    await networkHelpers.setStorageAt(target, place, changed);
    return;
  }
  throw new Error("the counts of an account were not found");
}
