import type {Dyno} from '../engines/dyno/dyno.ts'
import type {HeldPort} from '../lib/free-port.ts'
import type {CommandLine, DynoStatus} from '../model/dyno.ts'
import {HomeportError} from '../model/error.ts'
import {type Emit, now, platformLine, renderTime} from '../model/event.ts'
import {type AfterEnd, afterEnd, type ExitPolicy} from '../model/exit-policy.ts'
import {type Formation, type FormationChange, isStartable, type ProcessTypes, scaleFormation} from '../model/formation.ts'
import type {StartOrder} from '../model/start-order.ts'
import type {SharedTerminal} from '../model/terminal.ts'
import type {AppControl} from './app-control.ts'
import type {AppRouter, TypeState} from './app-router.ts'
import {DynoSlot, type SlotWorld} from './dyno-slot.ts'
import {findSlot, runningDyno, slotsOf} from './find-slot.ts'

/** How dynos are made, watched and stopped (app-dynos.ts). */
export type DynoWorld = Omit<SlotWorld, 'afterEnd' | 'changed' | 'makeDyno'> & {
  /** A dyno for this slot, with the config vars that hold now; not started yet. */
  makeDyno(slot: Pick<DynoSlot, 'name' | 'type' | 'command'>, port: number, configVars: Readonly<Record<string, string>>): Promise<Dyno>
  memoryBytes(dynos: readonly Dyno[]): Promise<ReadonlyMap<Dyno, number>>
  /** What to start to be inside a running dyno. */
  execIn(dyno: Dyno, command: string | readonly string[], env: Readonly<Record<string, string>>): Promise<CommandLine>
  /** The terminal of a slot that has one. */
  terminal(slot: string): SharedTerminal | undefined
}

export type RunningAppParts = {
  readonly name: string
  readonly root: string
  readonly url?: string
  readonly httpsUrl?: string
  readonly types: ProcessTypes
  readonly formation: Formation
  readonly order: StartOrder
  readonly exitOn: ExitPolicy
  readonly configVars: Readonly<Record<string, string>>
  readonly emit: Emit
  readonly world: DynoWorld
  readonly router: Pick<AppRouter, 'setState' | 'setMaintenance' | 'setAffinity'>
}

/** How the first boot went: `failed` is the first dyno that crashed or did not listen in time. */
export type Boot = {readonly failed?: DynoSlot}

export type Reload = {
  readonly types: ProcessTypes
  readonly configVars: Readonly<Record<string, string>>
  readonly restart: ReadonlySet<string>
}

const affinity = 'http-session-affinity'

/** A started app: its slots, and what can be done to them until it has stopped. */
export class RunningApp implements AppControl {
  readonly name: string
  readonly root: string
  readonly pid = process.pid
  readonly startedAt = renderTime(now())
  readonly url?: string
  readonly httpsUrl?: string
  /** Resolves with the exit code of `start` when every dyno has ended and nothing is left. */
  readonly stopped: Promise<number>
  /** Resolves when the stop begins, for whatever reason. */
  readonly stopBegan: Promise<void>
  /** Resolves when every dyno is up or complete for the first time, or when the first one has failed to. */
  readonly booted: Promise<Boot>
  readonly #parts: RunningAppParts
  readonly #slots = new Map<string, DynoSlot>()
  readonly #settle: (exitCode: number) => void
  #formation: Formation
  #types: ProcessTypes
  #configVars: Readonly<Record<string, string>>
  #isInMaintenance = false
  #hasAffinity = false
  #isReady = false
  #stopping: Promise<void> | undefined
  #tellStopBegan: () => void = () => {}
  #tellBooted: (boot: Boot) => void = () => {}
  #firstFailure: number | undefined

  constructor(parts: RunningAppParts) {
    this.#parts = parts
    this.name = parts.name
    this.root = parts.root
    if (parts.url !== undefined) this.url = parts.url
    if (parts.httpsUrl !== undefined) this.httpsUrl = parts.httpsUrl
    this.#formation = parts.formation
    this.#types = parts.types
    this.#configVars = parts.configVars
    const {promise, resolve} = Promise.withResolvers<number>()
    this.stopped = promise
    this.#settle = resolve
    this.booted = new Promise(tell => {
      this.#tellBooted = tell
    })
    this.stopBegan = new Promise(tell => {
      this.#tellStopBegan = tell
    })
    this.#fillSlots()
  }

  /** Starts every slot but those that wait for another type; resolves when they run. `held`: ports reserved beforehand, by dyno. */
  async startDynos(held: ReadonlyMap<string, HeldPort>): Promise<void> {
    await Promise.all([...this.#slots.values()].filter(slot => this.#mayStart(slot)).map(slot => slot.start(held.get(slot.name))))
    this.#checkReady()
  }

  get slots(): readonly DynoSlot[] {
    return [...this.#slots.values()]
  }

  /** The tier that keeps its dynos apart. */
  get isolation(): string {
    return this.#parts.world.isolation
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined
  }

  async dynos(): Promise<readonly DynoStatus[]> {
    const memory = await this.#parts.world.memoryBytes(this.slots.flatMap(slot => slot.dynos))
    return this.slots.map(slot => {
      const {since, pid, port, restarts} = slot.status
      const bytes = slot.dynos.map(dyno => memory.get(dyno) ?? 0).reduce((sum, one) => sum + one, 0)
      return {
        dyno: slot.name,
        type: slot.type,
        state: slot.state,
        since: renderTime(since),
        pid: pid ?? null,
        port: port ?? null,
        memoryBytes: pid === undefined ? null : bytes,
        isolation: this.#parts.world.isolation,
        command: slot.command,
        restarts,
      }
    })
  }

  formation(): Formation {
    return this.#formation
  }

  configVars(): Readonly<Record<string, string>> {
    return this.#configVars
  }

  isInMaintenance(): boolean {
    return this.#isInMaintenance
  }

  features(): Readonly<Record<string, boolean>> {
    return {[affinity]: this.#hasAffinity}
  }

  setMaintenance(on: boolean): void {
    this.#isInMaintenance = on
    this.#parts.router.setMaintenance(on)
    this.say(`Maintenance mode ${on ? 'enabled' : 'disabled'}`)
  }

  setFeature(name: string, enabled: boolean): void {
    if (name !== affinity) throw new HomeportError('USAGE', `No feature “${name}”.`, {hint: `There is \`${affinity}\`.`})
    this.#hasAffinity = enabled
    this.#parts.router.setAffinity(enabled)
  }

  async scale(changes: readonly FormationChange[]): Promise<Formation> {
    this.#formation = scaleFormation(this.#formation, changes)
    this.say(`Scale to ${[...this.#formation].map(([type, quantity]) => `${type}=${quantity}`).join(', ')}`)
    const surplus = this.slots.filter(slot => Number(slot.name.split('.').at(-1)) > (this.#formation.get(slot.type) ?? 0))
    const closed = surplus.flatMap(slot => this.#close(slot))
    const added = this.#fillSlots()
    for (const slot of added) if (this.#mayStart(slot)) void slot.start()
    await this.#parts.world.stopDynos(closed)
    for (const {type} of changes) this.#tellRouter(type)
    return this.#formation
  }

  async restart(target?: string): Promise<void> {
    await Promise.all(slotsOf(this.slots, target).map(slot => slot.restart()))
  }

  /** A formation's dyno is stopped, then started again (platform.md c.3); so `ps:stop` and `ps:restart` differ in words only. */
  async stopDynos(target: string): Promise<void> {
    await Promise.all(slotsOf(this.slots, target).map(slot => slot.restart()))
  }

  /**
   * Takes over what the files of the app say now, and restarts these types. A type that is gone loses its dynos, a new one
   * starts at 0, as after a deploy (platform.md a.2).
   */
  async reload({types, configVars, restart}: Reload): Promise<void> {
    this.#types = types
    this.#configVars = configVars
    this.#formation = new Map([...types.keys()].filter(isStartable).map(type => [type, this.#formation.get(type) ?? 0]))
    const gone = this.slots.filter(slot => !this.#formation.has(slot.type))
    const closed = gone.flatMap(slot => this.#close(slot))
    for (const slot of this.slots) slot.command = types.get(slot.type) ?? slot.command
    await Promise.all([
      this.#parts.world.stopDynos(closed),
      ...this.slots.filter(slot => restart.has(slot.type)).map(slot => slot.restart()),
    ])
  }

  async execIn(name: string, command: string | readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandLine> {
    return await this.#parts.world.execIn(runningDyno(this.slots, name), command, env)
  }

  async whenDynoCloses(name: string): Promise<void> {
    await runningDyno(this.slots, name).closing
  }

  terminal(target: string): SharedTerminal {
    const {name, type} = findSlot(this.slots, target)
    const terminal = this.#parts.world.terminal(name)
    if (terminal !== undefined) return terminal
    throw new HomeportError('USAGE', `${name} has no terminal of its own.`, {hint: `Start the app with \`homeport start --tty ${type}\`.`})
  }

  /** The orderly stop: SIGTERM to every process of every dyno at once, SIGKILL at the limit, then nothing is left. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll(dynos => this.#parts.world.stopDynos(dynos))
    return this.#stopping
  }

  /** SIGKILL to all, at once; also while an orderly stop waits. */
  async kill(): Promise<void> {
    const dynos = this.slots.flatMap(slot => [...slot.dynos])
    this.#stopping ??= this.#stopAll(closed => this.#parts.world.killDynos(closed))
    await this.#parts.world.killDynos(dynos)
    await this.#stopping
  }

  async #stopAll(end: (dynos: readonly Dyno[]) => Promise<void>): Promise<void> {
    this.#tellStopBegan()
    const dynos = this.slots.flatMap(slot => slot.close())
    await end(dynos)
    await Promise.all(dynos.map(dyno => dyno.ended))
    this.#settle(this.#firstFailure ?? 0)
  }

  /** Takes a slot out of the formation, and gives the dynos that are to be stopped. */
  #close(slot: DynoSlot): readonly Dyno[] {
    this.#slots.delete(slot.name)
    return slot.close()
  }

  #fillSlots(): readonly DynoSlot[] {
    const world: SlotWorld = {
      ...this.#parts.world,
      makeDyno: (slot, port) => this.#parts.world.makeDyno(slot, port, this.#configVars),
      afterEnd: (slot, exitCode) => this.#afterEnd(slot, exitCode),
      changed: slot => this.#changed(slot.type),
    }
    const added: DynoSlot[] = []
    for (const [type, quantity] of this.#formation) {
      for (let number = 1; number <= quantity; number++) {
        const name = `${type}.${number}`
        if (this.#slots.has(name)) continue
        const slot = new DynoSlot(name, type, this.#types.get(type) ?? '', world)
        this.#slots.set(name, slot)
        added.push(slot)
      }
    }
    return added
  }

  #afterEnd(slot: DynoSlot, exitCode: number): AfterEnd {
    if (exitCode !== 0 && this.#parts.exitOn !== 'never') this.#firstFailure ??= exitCode
    const othersRunning = this.slots.filter(other => other !== slot && other.state !== 'complete' && other.state !== 'crashed').length
    const next = afterEnd(this.#parts.exitOn, {exitCode, othersRunning})
    if (next === 'stop') queueMicrotask(() => void this.stop())
    return next
  }

  #changed(type: string): void {
    this.#tellRouter(type)
    if (this.isStopping) return
    for (const slot of this.#slots.values()) if (slot.state === 'created' && this.#mayStart(slot)) void slot.start()
    this.#checkReady()
  }

  /** What a request for this type meets while none of its dynos is up. */
  #tellRouter(type: string): void {
    const slots = this.slots.filter(slot => slot.type === type)
    const states = new Set(slots.map(({state}) => state))
    const state: TypeState = states.has('starting') || states.has('created') ? 'starting' : states.has('crashed') ? 'crashed' : 'none'
    const wrongPort = slots.find(slot => slot.wrongPort !== undefined)
    this.#parts.router.setState(type, states.has('up') ? 'starting' : state, states.has('up') ? undefined : wrongPort?.wrongPortText)
  }

  #mayStart(slot: DynoSlot): boolean {
    const before = this.#parts.order.get(slot.type)
    return before === undefined || this.slots.every(other => !before.has(other.type) || other.state === 'up' || other.state === 'complete')
  }

  #checkReady(): void {
    const failed = this.slots.find(slot => slot.state === 'crashed' || slot.hasTimedOut)
    if (failed !== undefined) this.#tellBooted({failed})
    if (this.#isReady || !this.slots.every(slot => slot.state === 'up' || slot.state === 'complete')) return
    this.#isReady = true
    this.#tellBooted({})
    const {url, httpsUrl} = this
    this.#parts.emit({
      type: 'ready',
      time: now(),
      app: this.name,
      pid: this.pid,
      ...(url === undefined ? {} : {url}),
      ...(httpsUrl === undefined ? {} : {httpsUrl}),
    })
  }

  /** A line about the whole app in its log. */
  say(text: string): void {
    this.#parts.emit(platformLine('api', text, now()))
  }
}
