import { TIMELOCK_REPORTER, type Parameters } from "../parameters/schema.js";

/** The parameters by module, as the modules take them. */
export function ignitionParameters(parameters: Parameters, interfaceIds: Record<string, string>) {
  const { curves, transfers, grants, resources, nodes, incentives, kinds } = parameters;
  const clock = { genesis: parameters.epoch.genesis, epochDuration: parameters.epoch.duration };
  return {
    Access: { ...parameters.timelock },
    Governance: {
      ...clock,
      guardian: parameters.guardians.proposals,
      settings: { ...parameters.governance },
    },
    Roles: {
      pauseGuardian: parameters.guardians.pauses,
      ...(nodes.reporter !== TIMELOCK_REPORTER && { reporter: nodes.reporter }),
      ...Object.fromEntries(
        Object.entries(interfaceIds).map(([key, id]) => [`interface_${key}`, id] as const),
      ),
    },
    Nodes: { ...clock, minimumStakes: nodes.minimumStakes },
    Resources: {
      ...clock,
      ...Object.fromEntries(
        resources.map((resource, i) => [`resource_${i}`, { ...resource }] as const),
      ),
    },
    Incentives: {
      kappa: incentives.kappa,
      heldBackShare: parameters.heldBackShare,
      claimLimit: incentives.claimLimit,
      shares: incentives.shares,
      stages: incentives.stages.map((stage) => ({ ...stage })),
      ...Object.fromEntries(kinds.map((kind, i) => [`kind_${i}`, { ...kind }] as const)),
    },
    Release: Object.fromEntries([
      ...Object.entries(curves).map(([name, stages]) => [
        `curve_${name}`,
        stages.map((stage) => ({ ...stage })),
      ]),
      ...transfers.map(({ amount }, i) => [`transfer_${i}_amount`, amount]),
      ...grants.flatMap(({ beneficiary, start, amount }, i) => [
        [`grant_${i}_beneficiary`, beneficiary],
        [`grant_${i}_start`, start],
        [`grant_${i}_amount`, amount],
      ]),
    ]) as Record<string, bigint | string>,
    Metering: {
      ...clock,
      claimGrace: parameters.claimGrace,
      settlementWindow: parameters.settlementWindow,
      lockThreshold: parameters.access.lockThreshold,
      scoreThreshold: parameters.access.scoreThreshold,
      burnLimits: { ...parameters.burnLimits },
    },
  };
}
