import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import GovernanceModule from "./Governance.js";
import { incentivesModule } from "./Incentives.js";
import LockModule from "./Lock.js";
import { meteringModule } from "./Metering.js";
import NodesModule from "./Nodes.js";
import { releaseModule, type ReleaseShape } from "./Release.js";
import ReserveModule from "./Reserve.js";
import { resourcesModule } from "./Resources.js";
import { rolesModule } from "./Roles.js";
import TokenModule from "./Token.js";

/** Parts of a parameter file that shape the suite. */
export interface SuiteShape extends ReleaseShape {
  resources: readonly unknown[];
  kinds: readonly unknown[];
  nodes: { readonly reporter: string };
}

/** Suite: everything, wired, with no right left at the deployer. */
export function suiteModule(shape: SuiteShape) {
  const resources = resourcesModule(shape.resources.length);
  const metering = meteringModule(resources);
  const incentives = incentivesModule(metering, shape.kinds.length);
  const release = releaseModule(shape, incentives);
  const roles = rolesModule(shape.nodes.reporter, release, resources, incentives, metering);

  return buildModule("Suite", (m) => {
    const { accessManager, timelock, directory } = m.useModule(AccessModule);
    const { factory, genesis, token } = m.useModule(TokenModule);
    const { vault } = m.useModule(release);
    const { nodes, slashing } = m.useModule(NodesModule);
    const { registry, pricePolicy } = m.useModule(resources);
    const { incentiveVault, pool, attestations, stageCap } = m.useModule(incentives);
    const { accessPolicy, extension, core, settlement } = m.useModule(metering);
    const { lock } = m.useModule(LockModule);
    const { reserve } = m.useModule(ReserveModule);
    const { governor, lens } = m.useModule(GovernanceModule);
    m.useModule(roles);

    return {
      accessManager,
      timelock,
      factory,
      genesis,
      token,
      vault,
      registry,
      pricePolicy,
      accessPolicy,
      meter: core,
      meterExtension: extension,
      nodes,
      slashing,
      incentiveVault,
      pool,
      attestations,
      settlement,
      directory,
      lock,
      governor,
      reserve,
      lens,
      stageCap,
    };
  });
}
