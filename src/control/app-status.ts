import type {DynoStatus} from '../model/dyno.ts'
import type {AppControl} from '../platform/app-control.ts'

/** What runs, as `status` and `ps` show it. */
export type AppStatus = {
  readonly app: string
  readonly root: string
  readonly pid: number
  /** Null without a router. */
  readonly url: string | null
  /** Absent without `--tls`. */
  readonly httpsUrl?: string
  /** RFC 3339 */
  readonly startedAt: string
  /** Every dyno of the formation is up or complete. */
  readonly ready: boolean
  readonly maintenance: boolean
  readonly features: Readonly<Record<string, boolean>>
  readonly formation: Readonly<Record<string, number>>
  readonly dynos: readonly DynoStatus[]
}

export async function readStatus(control: AppControl): Promise<AppStatus> {
  const dynos = await control.dynos()
  return {
    app: control.name,
    root: control.root,
    pid: control.pid,
    url: control.url ?? null,
    ...(control.httpsUrl === undefined ? {} : {httpsUrl: control.httpsUrl}),
    startedAt: control.startedAt,
    ready: isReady(dynos, control),
    maintenance: control.isInMaintenance(),
    features: control.features(),
    formation: Object.fromEntries(control.formation()),
    dynos,
  }
}

function isReady(dynos: readonly DynoStatus[], control: AppControl): boolean {
  const isComplete = [...control.formation()].every(([type, quantity]) => dynos.filter(dyno => dyno.type === type).length >= quantity)
  return isComplete && dynos.every(({state}) => state === 'up' || state === 'complete' || state === 'idle')
}
