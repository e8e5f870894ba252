/** End of a step. Its output is empty if it was shown live. */
export interface StepResult {
  readonly hasPassed: boolean;
  readonly output: string;
}

/**
 * Runs lanes side by side, and the steps of each lane one after another. After a failure no other step starts.
 *
 * @param run runs a step; an error that it throws is a failure of the step.
 * @returns names of the steps that failed.
 */
export async function runLanes(
  lanes: readonly (readonly string[])[],
  run: (step: string) => Promise<StepResult>,
  print: (line: string) => void,
): Promise<string[]> {
  const failed: string[] = [];
  const runLane = async (steps: readonly string[]) => {
    for (const step of steps) {
      if (failed.length > 0) return;
      const startedAt = Date.now();
      const { hasPassed, output } = await run(step).catch((error: unknown) => ({
        hasPassed: false,
        output: `${String(error)}\n`,
      }));
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      print(`${output}== ${step}: ${hasPassed ? "passed" : "FAILED"} in ${seconds} s`);
      if (!hasPassed) failed.push(step);
    }
  };
  await Promise.all(lanes.map(runLane));
  return failed;
}
