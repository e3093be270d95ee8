import {join} from 'node:path'
import type {ServedApp} from '../../src/control/served-app.ts'
import {LogStore} from '../../src/engines/log/log-store.ts'
import type {DynoStatus} from '../../src/model/dyno.ts'
import {HomeportError} from '../../src/model/error.ts'
import {type Formation, scaleFormation} from '../../src/model/formation.ts'
import type {AppControl} from '../../src/platform/app-control.ts'
import {EventHub} from '../../src/platform/event-hub.ts'

export type FakeApp = ServedApp & {
  /** What was asked of it: `restart web.1`. */
  readonly calls: string[]
  readonly hub: EventHub
  readonly log: LogStore
  /** Clients that get its events at the moment. */
  subscribers(): number
  /** Resolves the next `stop`, which waits for it when `stopsSlowly`. */
  finishStop(): void
}

/** An app without processes at the seam that the API serves: it remembers what was asked of it, and tells events when a test says so. */
export function fakeApp(folder: string, {name = 'hello', root = join(folder, name), stopsSlowly = false} = {}): FakeApp {
  const calls: string[] = []
  const hub = new EventHub()
  const logFolder = join(folder, `log-${name}`)
  const log = new LogStore(logFolder, {app: {name, root}, warn: warning => calls.push(warning)})
  hub.subscribe(event => log.append(event))
  const stopped = Promise.withResolvers<void>()
  let formation: Formation = new Map([
    ['web', 2],
    ['worker', 0],
  ])
  let isInMaintenance = false
  let affinity = false
  const dynos = (): DynoStatus[] =>
    [...formation].flatMap(([type, quantity]) =>
      Array.from({length: quantity}, (_, index) => ({
        dyno: `${type}.${index + 1}`,
        type,
        state: 'up' as const,
        since: '2026-11-25T03:04:05.123456Z',
        pid: 1_000 + index,
        port: 5_000 + index,
        memoryBytes: 35_651_584,
        isolation: 'process',
        command: `node ${type}.js`,
        restarts: 0,
      })),
    )
  const known = (target: string) => {
    if (!dynos().some(({dyno, type}) => dyno === target || type === target)) {
      throw new HomeportError('UNKNOWN_DYNO', `No dyno or process type “${target}” is running.`, {hint: 'Running are: web.1, web.2.'})
    }
  }
  const control: AppControl = {
    name,
    root,
    pid: process.pid,
    startedAt: '2026-11-25T03:04:04.000000Z',
    url: 'http://localhost:5006',
    dynos: async () => dynos(),
    formation: () => formation,
    async scale(changes) {
      formation = scaleFormation(formation, changes)
      calls.push(`scale ${changes.map(({type, sign, quantity, size = ''}) => `${type}${sign}${quantity}${size}`).join(' ')}`)
      return formation
    },
    async restart(target) {
      if (target !== undefined) known(target)
      calls.push(`restart ${target ?? 'all'}`)
    },
    async stopDynos(target) {
      known(target)
      calls.push(`stop ${target}`)
    },
    configVars: () => ({SECRET: 'abc', EMPTY: ''}),
    isInMaintenance: () => isInMaintenance,
    setMaintenance(on) {
      isInMaintenance = on
    },
    features: () => ({'http-session-affinity': affinity}),
    setFeature(feature, enabled) {
      if (feature !== 'http-session-affinity')
        throw new HomeportError('USAGE', `No feature “${feature}”.`, {hint: 'There is `http-session-affinity`.'})
      affinity = enabled
    },
    execIn: async (dyno, command, env) => ({file: 'bash', args: ['-c', String(command)], env: {DYNO: dyno, ...env}, cwd: root}),
    async stop() {
      calls.push('stop app')
      if (stopsSlowly) await stopped.promise
    },
  }
  let subscribers = 0
  const subscribe: ServedApp['subscribe'] = listener => {
    const unsubscribe = hub.subscribe(listener)
    subscribers++
    return () => {
      subscribers--
      unsubscribe()
    }
  }
  return {control, logFolder, subscribe, calls, hub, log, subscribers: () => subscribers, finishStop: stopped.resolve}
}
