/** What is optional never stops what is not: a CV is tried for some minutes, and then left with a warning. */
import type { RunView } from '../../src/operator/operate.ts'

/** How many of these runs are done without their CV. */
export function withoutCv(runs: readonly RunView[]): number {
  return runs.filter(({ result }) => /"hibob\.cv_not_(uploaded|available)"/.test(JSON.stringify(result)))
    .length
}
