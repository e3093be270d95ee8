import type {DynoEnd} from '../../../model/dyno.ts'
import {launchFailureCode, launchFailurePrefix} from './launch-step.ts'

/**
 * What was said when a dyno ended before its app ran, since its isolation could not be opened; undefined when the app ran. The
 * tier that was chosen may have ceased to work: `forgetTiers`, and choose again before the next start.
 */
export function launchFailure({exitCode, lastLines}: Pick<DynoEnd, 'exitCode' | 'lastLines'>): string | undefined {
  const last = lastLines.at(-1) ?? ''
  const isLauncher = exitCode === launchFailureCode && last.startsWith(launchFailurePrefix)
  return isLauncher || (exitCode === 1 && last.startsWith('bwrap: ')) ? last : undefined
}
