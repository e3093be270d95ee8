import {platformLimits} from '../../model/limits.ts'
import {poolHost} from '../../platform/pool/host/pool-host.ts'
import {ownSettings} from '../settings.ts'
import {writeNow} from '../write.ts'
import {awsSettings} from './aws-settings.ts'

/** The hidden command that hosts of a pool run: `__pool-host join|fetch|serve POOL BUCKET [SLUG…]`. */
export async function runPoolHost([work = '', pool = '', bucket = '', ...slugs]: readonly string[]): Promise<boolean> {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
  const {timeScale} = ownSettings()
  await poolHost(work, slugs, {
    aws: awsSettings(),
    pool,
    bucket,
    limits: platformLimits(timeScale),
    emit: event => {
      if (event.type === 'request') writeNow(1, `${event.line}\n`)
    },
    signal: stop.signal,
  })
  // Connections that AWS keeps open would keep this process alive.
  process.exit(0)
}
