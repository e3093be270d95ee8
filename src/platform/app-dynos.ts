import type {Dyno} from '../engines/dyno/dyno.ts'
import type {Room} from '../engines/dyno/isolation/isolation.ts'
import {boundPorts, whenListening} from '../engines/dyno/listening.ts'
import {MemoryWatch} from '../engines/dyno/memory.ts'
import {readDynoMemory} from '../engines/dyno/memory-reading.ts'
import type {Session} from '../engines/dyno/session.ts'
import {killDynos, stopDynos} from '../engines/dyno/stop-dynos.ts'
import {holdPort} from '../lib/free-port.ts'
import type {DynoSpec} from '../model/dyno.ts'
import {dynoEnv, terminalEnv} from '../model/dyno-env.ts'
import type {DynoSize} from '../model/dyno-size.ts'
import type {Limits} from '../model/limits.ts'
import type {AppRouter} from './app-router.ts'
import type {DynoGround} from './dyno-ground.ts'
import {enterDyno} from './enter-dyno.ts'
import {makeDyno} from './make-dyno.ts'
import type {DynoWorld} from './running-app.ts'
import type {SlotTerminals} from './slot-terminals.ts'
import type {StartWorld} from './start-world.ts'

/** What the dynos of an app are made from. */
export type AppDynosParts = {
  readonly world: StartWorld
  readonly limits: Limits
  readonly session: Session
  readonly ground: DynoGround
  readonly router: Pick<AppRouter, 'route'>
  /** The app's folder; for a slug its checkout. */
  readonly folder: string
  readonly isSlug: boolean
  /** What the environment of a dyno begins with: the shell's, or the clean one of a slug. */
  readonly baseEnv: Readonly<Record<string, string>>
  /** In a folder: whether dynos are told to colour their output. */
  readonly hasColour: boolean
  /** The type whose dynos have terminals of their own. */
  readonly ttyType: string | undefined
  /** Type -> address, for `HOMEPORT_URL_<TYPE>`. */
  readonly urls: ReadonlyMap<string, string>
  readonly sizeOf: (type: string) => DynoSize | undefined
  readonly bootMs: number
  readonly stopMs: number
}

/** How the dynos of an app are made, watched, held to their memory and stopped, in a folder and for a slug alike. */
export function appDynos(parts: AppDynosParts): DynoWorld {
  const {world, limits, session, ground, router, isSlug, bootMs, stopMs} = parts
  const {settings, emit, gate, table} = world
  const {scanner} = session
  const memory = new MemoryWatch({emit, limits})
  const {isolation} = ground
  let terminals: SlotTerminals | undefined
  const rooms = new WeakMap<Dyno, Room>()
  return {
    emit,
    limits,
    bootMs,
    statedBootSeconds: bootMs / settings.timeScale / 1_000,
    isolation: isolation.tier,
    keepsWrongPort: !isSlug,
    holdPort,
    async makeDyno(slot, port, configVars) {
      const spec = planDyno(parts, slot, {port, configVars})
      if (spec.hasTerminal) terminals ??= await openTerminals(world)
      const launch = spec.hasTerminal ? terminals?.launch(slot.name) : undefined
      const stdin = isSlug ? 'null' : 'open'
      const {dyno, room} = await makeDyno(spec, {
        ground,
        memory,
        session,
        emit,
        gate,
        limits,
        stdin,
        warn: world.warn,
        ...(launch && {launch}),
      })
      rooms.set(dyno, room)
      return dyno
    },
    execIn: async (dyno, command, env) => enterDyno(dyno, {isolation, room: rooms.get(dyno), command, env}),
    terminal: slot => terminals?.get(slot),
    async stopDynos(dynos) {
      await stopDynos(dynos, {scanner, emit, graceMs: stopMs})
    },
    async killDynos(dynos) {
      await killDynos(dynos, scanner)
    },
    whenListening: (port, signal) => whenListening(port, {signal}),
    async boundPorts(dyno) {
      const processes = await dyno.processes()
      return boundPorts(
        processes.map(({pid}) => pid),
        table,
      )
    },
    async memoryBytes(dynos) {
      const scan = await scanner.scan()
      const readings = dynos.map(async dyno => [dyno, (await readDynoMemory([], dyno.find(scan)))?.usedBytes ?? 0] as const)
      return new Map(await Promise.all(readings))
    },
    route: ({type, name}, address) => router.route(type, name, address),
  }
}

/** Loaded when it is needed: most apps have none, and their first line waits for what is loaded. */
async function openTerminals({settings, terminalSize}: StartWorld): Promise<SlotTerminals> {
  const {SlotTerminals} = await import('./slot-terminals.ts')
  return new SlotTerminals(settings, terminalSize)
}

type Slot = {readonly name: string; readonly type: string; readonly command: string}

function planDyno(
  parts: AppDynosParts,
  {name, type, command}: Slot,
  {port, configVars}: {port: number; configVars: Readonly<Record<string, string>>},
): DynoSpec {
  const {baseEnv, urls, isSlug, folder, hasColour, sizeOf, ttyType} = parts
  const size = sizeOf(type)
  const env = dynoEnv({base: baseEnv, configVars, name, type, port, urls, ...(isSlug ? {} : {comfort: {colour: hasColour}})})
  return {
    name,
    type,
    command,
    port,
    env: type === ttyType ? terminalEnv(env) : env,
    cwd: folder,
    hasTerminal: type === ttyType,
    ...(isSlug ? {slugFolder: folder} : {}),
    ...(size === undefined ? {} : {size}),
  }
}
