import type { IMeter } from "../../typechain-types/contracts/interfaces/IMeter.js";
import type { Served } from "./client.js";
import type { Settings } from "./settings.js";

/** Units that the answers of a model say were used. */
export interface AnsweredUse {
  readonly model: string;
  readonly provider: string;
  readonly resource: "input" | "output";
  readonly resourceId: bigint;
  readonly units: bigint;
}

/** Adds up the use in answers, each call once, by model and resource. */
export function totalsOf(
  served: readonly Served[],
  { models, resources }: Pick<Settings, "models" | "resources">,
): AnsweredUse[] {
  const calls = [...new Map(served.map((answer) => [answer.call, answer])).values()];
  return models.flatMap(({ name, provider }) => {
    const usages = calls.filter(({ model }) => model === name).map(({ usage }) => usage);
    const sum = (count: (usage: Served["usage"]) => number) =>
      usages.reduce((units, usage) => units + BigInt(count(usage)), 0n);
    const common = { model: name, provider };
    return [
      {
        ...common,
        resource: "input" as const,
        resourceId: resources.input,
        units: sum((usage) => usage.prompt_tokens),
      },
      {
        ...common,
        resource: "output" as const,
        resourceId: resources.output,
        units: sum((usage) => usage.completion_tokens),
      },
    ];
  });
}

/** Sentences about totals of an account that differ between the chain and the answers; none if all are the same. */
export async function findDifferences(
  { meter }: { readonly meter: IMeter },
  account: string,
  totals: readonly AnsweredUse[],
): Promise<{ readonly differences: string[]; readonly burned: bigint }> {
  const differences: string[] = [];
  let burnedInAll = 0n;
  for (const { model, provider, resource, resourceId, units } of totals) {
    const { cumulativeUnits } = await meter.lineOf(account, provider, resourceId);
    const settled = meter.filters.LineSettled(account, provider, resourceId);
    for (const { args } of await meter.queryFilter(settled)) burnedInAll += args.amount;
    if (cumulativeUnits !== units)
      differences.push(
        `${model} answered with ${units} ${resource} tokens, and ${cumulativeUnits} are settled.`,
      );
  }
  return { differences, burned: burnedInAll };
}
