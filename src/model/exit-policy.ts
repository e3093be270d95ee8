/** When the end of a dyno stops the whole app (cli.md section 2, `--exit-on`). */
export const exitPolicies = ['never', 'any', 'error', 'all-done'] as const
export type ExitPolicy = (typeof exitPolicies)[number]

/** What follows the end of a dyno that Homeport neither stopped nor replaced. */
export type AfterEnd =
  /** A crash: it comes back, with growing delay. */
  | 'restart'
  /** It is done and stays so; the others go on. */
  | 'leave'
  /** The app stops, with the exit code of the first dyno that failed, else 0. */
  | 'stop'

/** `exitCode` is the dyno's, as a shell would give it; `othersRunning` counts the dynos that have not ended. */
export function afterEnd(policy: ExitPolicy, {exitCode, othersRunning}: {exitCode: number; othersRunning: number}): AfterEnd {
  if (policy === 'never') return 'restart'
  if (policy === 'any' || othersRunning === 0) return 'stop'
  return policy === 'error' && exitCode !== 0 ? 'stop' : 'leave'
}
