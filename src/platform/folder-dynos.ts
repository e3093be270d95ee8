import {Dyno} from '../engines/dyno/dyno.ts'
import {boundPorts, whenListening} from '../engines/dyno/listening.ts'
import type {Session} from '../engines/dyno/session.ts'
import {findShell, planCommandLine} from '../engines/dyno/shell.ts'
import {killDynos, stopDynos} from '../engines/dyno/stop-dynos.ts'
import {holdPort} from '../lib/free-port.ts'
import type {App} from '../model/app.ts'
import type {DynoSpec} from '../model/dyno.ts'
import {dynoEnv} from '../model/dyno-env.ts'
import type {Limits} from '../model/limits.ts'
import type {StartOptions} from '../model/start-options.ts'
import type {AppRouter} from './app-router.ts'
import type {DynoWorld} from './running-app.ts'
import type {StartWorld} from './start-world.ts'

type FolderParts = {
  readonly options: StartOptions
  readonly world: StartWorld
  readonly limits: Limits
  readonly router: AppRouter
  readonly session: Session
  /** Type -> address, for `HOMEPORT_URL_<TYPE>`. */
  readonly urls: ReadonlyMap<string, string>
}

/** How the dynos of a folder are made, watched and stopped. */
export function folderDynos(app: App, {options, world, limits, router, session, urls}: FolderParts): DynoWorld {
  const {settings, emit, gate, table} = world
  const {scanner} = session
  const shell = findShell(settings.shellEnv['PATH'] ?? '')
  return {
    emit,
    limits,
    bootMs: options.bootMs,
    statedBootSeconds: options.bootMs / settings.timeScale / 1_000,
    isolation: 'process',
    keepsWrongPort: true,
    holdPort,
    makeDyno(slot, port, configVars) {
      const {name, type, command} = slot
      const env = dynoEnv({
        base: settings.shellEnv,
        configVars,
        name,
        type,
        port,
        urls,
        comfort: {colour: options.hasColour},
      })
      const spec: DynoSpec = {name, type, command, port, env, cwd: app.root}
      return new Dyno(planCommandLine(spec, shell), spec, {session, emit, gate, limits})
    },
    async stopDynos(dynos) {
      await stopDynos(dynos, {scanner, emit, graceMs: options.stopMs})
    },
    async killDynos(dynos) {
      await killDynos(dynos, scanner)
    },
    whenListening: (port, signal) => whenListening(port, {signal}),
    async boundPorts(dyno) {
      return boundPorts(
        (await dyno.processes()).map(({pid}) => pid),
        table,
      )
    },
    memoryBytes: dynos => memoryBytes(dynos, session),
    route: ({type, name}, address) => router.route(type, name, address),
  }
}

async function memoryBytes(dynos: readonly Dyno[], {scanner}: Session): Promise<ReadonlyMap<Dyno, number>> {
  const scan = await scanner.scan()
  return new Map(dynos.map(dyno => [dyno, dyno.find(scan).reduce((sum, {residentBytes}) => sum + residentBytes, 0)]))
}
