import {constants} from 'node:os'
import {exitCodeOf} from '../model/dyno.ts'
import {renderEnd} from '../model/ending.ts'
import {HomeportError} from '../model/error.ts'
import type {Limits} from '../model/limits.ts'
import type {DynoWorld} from './running-app.ts'

export type ReleaseOptions = {
  readonly dynos: DynoWorld
  readonly configVars: Readonly<Record<string, string>>
  readonly limits: Limits
  /** Aborted when the user wants to stop. */
  readonly stop?: AbortSignal | undefined
}

/**
 * The release phase (platform.md e.4): the command of type `release` once, in a dyno of its own, before any dyno of the formation.
 * Rejects with RELEASE_FAILED when it fails, takes more than an hour, or is stopped by the user.
 */
export async function runRelease(command: string, {dynos, configVars, limits, stop}: ReleaseOptions): Promise<void> {
  const name = `release.${Math.floor(1_000 + Math.random() * 9_000)}`
  const held = await dynos.holdPort()
  const dyno = await dynos.makeDyno({name, type: 'release', command}, held.port, configVars)
  await held.release()
  let isTooSlow = false
  const limit = setTimeout(() => {
    isTooSlow = true
    void dynos.killDynos([dyno])
  }, limits.releaseMs)
  const end = () => void dynos.stopDynos([dyno])
  stop?.addEventListener('abort', end, {once: true})
  if (stop?.aborted) end()
  await dyno.start()
  const ended = await dyno.ended
  clearTimeout(limit)
  stop?.removeEventListener('abort', end)
  if (exitCodeOf(ended, constants.signals) === 0 && !stop?.aborted) return
  const lines = ended.lastLines.slice(-50)
  const how = stop?.aborted ? 'was stopped' : isTooSlow ? 'took longer than the platform allows, and was ended' : renderEnd(ended)
  throw new HomeportError('RELEASE_FAILED', `The release command ${how}. Nothing was started.`, {
    hint: lines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${lines.map(line => `  ${line}`).join('\n')}`,
  })
}
