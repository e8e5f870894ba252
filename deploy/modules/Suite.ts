import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import { meteringModule } from "./Metering.js";
import NodesModule from "./Nodes.js";
import { releaseModule, type ReleaseShape } from "./Release.js";
import { rolesModule } from "./Roles.js";
import TokenModule from "./Token.js";

/** What a parameter file decides of the shape of the suite. */
export interface SuiteShape extends ReleaseShape {
  resources: readonly unknown[];
}

/** Suite: everything, wired, with no right left at the deployer. */
export function suiteModule(shape: SuiteShape) {
  const release = releaseModule(shape);
  const metering = meteringModule(shape.resources.length);
  const roles = rolesModule(release, metering);

  return buildModule("Suite", (m) => {
    const { accessManager, timelock } = m.useModule(AccessModule);
    const { genesis, token } = m.useModule(TokenModule);
    const { vault } = m.useModule(release);
    const { nodes } = m.useModule(NodesModule);
    const { registry, pricePolicy, accessPolicy, accounts, settlement } = m.useModule(metering);
    m.useModule(roles);

    return {
      accessManager,
      timelock,
      genesis,
      token,
      vault,
      registry,
      pricePolicy,
      accessPolicy,
      accounts,
      nodes,
      settlement,
    };
  });
}
