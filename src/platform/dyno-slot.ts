import {constants} from 'node:os'
import type {Dyno} from '../engines/dyno/dyno.ts'
import type {HeldPort} from '../lib/free-port.ts'
import {type DynoEnd, exitCodeOf} from '../model/dyno.ts'
import {advanceDyno, type DynoHappening, type DynoTransition, newDyno} from '../model/dyno-state.ts'
import {explainEnd, renderDuration} from '../model/ending.ts'
import {type DynoState, type Emit, now, platformLine, type StateEvent} from '../model/event.ts'
import type {AfterEnd} from '../model/exit-policy.ts'
import type {Limits} from '../model/limits.ts'

/** Where requests go while a dyno is up: to be removed before it stops. */
export type Route = {remove(): void}

/** What a slot needs from the running app around it. */
export type SlotWorld = {
  readonly emit: Emit
  readonly limits: Limits
  /** Milliseconds until a web dyno must listen, Infinity for `--boot-timeout none`; and what is said of it, unscaled. */
  readonly bootMs: number
  readonly statedBootSeconds: number
  readonly isolation: string
  /** A folder's web that listens on another port stays and is explained; a slug's is killed, as on the platform. */
  readonly keepsWrongPort: boolean
  holdPort(): Promise<HeldPort>
  /** A dyno that was not started yet. */
  makeDyno(slot: DynoSlot, port: number): Promise<Dyno>
  /** SIGTERM, the stop limit, SIGKILL, until nothing is left. */
  stopDynos(dynos: readonly Dyno[]): Promise<void>
  killDynos(dynos: readonly Dyno[]): Promise<void>
  /** The address at which something listens on the port; undefined when `signal` came first. */
  whenListening(port: number, signal: AbortSignal): Promise<string | undefined>
  boundPorts(dyno: Dyno): Promise<readonly number[]>
  /** Requests may go to a dyno at this address from now on. */
  route(slot: DynoSlot, address: {readonly host: string; readonly port: number}): Route
  afterEnd(slot: DynoSlot, exitCode: number): AfterEnd
  /** The slot has another state or another `wrongPort`. */
  changed(slot: DynoSlot): void
}

/** One process that fills a slot, from its spawn to its end. */
type Run = {
  readonly dyno: Dyno
  readonly port: number
  /** Aborted when it is up, or will never be. */
  readonly waiting: AbortController
  route?: Route
  /** Homeport stops or replaces it: its end is no crash. */
  isAbandoned: boolean
}

/** How often a web that does not listen on its port is looked at, for the one it may listen on instead. */
const lookForPortMs = 2_000

/**
 * One place of the formation, such as `web.1`: the dyno that fills it, and what becomes of it (platform.md c.1 to c.4). It
 * boots, crashes and comes back, is replaced, is stopped. What follows from what stands in model/dyno-state.ts.
 */
export class DynoSlot {
  readonly name: string
  readonly type: string
  command: string
  /** The port that web listens on instead of $PORT, as long as nothing listens on $PORT. */
  wrongPort: number | undefined
  /** How its last process ended by itself. */
  lastEnd: DynoEnd | undefined
  /** R10: it did not listen on its port in time. */
  hasTimedOut = false
  readonly #world: SlotWorld
  #life = newDyno
  #since = now()
  #restarts = 0
  #run: Run | undefined
  /** The dyno that is to replace `#run` once it is up. */
  #next: Run | undefined
  #retry: NodeJS.Timeout | undefined
  #isStarting = false
  #isClosed = false

  constructor(name: string, type: string, command: string, world: SlotWorld) {
    this.name = name
    this.type = type
    this.command = command
    this.#world = world
  }

  get state(): DynoState {
    return this.#life.state
  }

  /** What is to be done about `wrongPort`, for the log and for whoever asks the router meanwhile. */
  get wrongPortText(): string | undefined {
    if (this.wrongPort === undefined) return undefined
    return `${this.name} listens on port ${this.wrongPort}, not on $PORT (${this.#run?.port}). Let it take its port from the environment: PORT.`
  }

  get status() {
    const {dyno, port} = this.#run ?? {}
    return {since: this.#since, pid: dyno?.pid, port, restarts: this.#restarts}
  }

  /** Every dyno that fills this slot at the moment: one, or two while it is being replaced. */
  get dynos(): readonly Dyno[] {
    return [this.#run, this.#next].flatMap(run => (run === undefined ? [] : [run.dyno]))
  }

  /** Starts a dyno, and resolves when its process runs; `reserved` is its port when that was reserved beforehand. */
  async start(reserved?: HeldPort): Promise<void> {
    clearTimeout(this.#retry)
    if (this.#isClosed || this.#isStarting || this.#run !== undefined) return
    this.#isStarting = true
    const held = reserved ?? (await this.#world.holdPort())
    const run = await this.#prepare(held.port)
    this.#isStarting = false
    if (this.#isClosed) return this.#cancel(run, held)
    this.#happen({type: 'start'})
    this.#run = run
    await this.#launch(run, held)
  }

  /**
   * Puts a new dyno in the place of the running one. Web: the new one is up before the old one stops, and when it does not
   * come up, the old one goes on serving. Others: the old one has ended before the new one starts.
   */
  async restart(): Promise<void> {
    const old = this.#run
    if (this.#isClosed) return
    this.#restarts++
    if (this.type === 'web' && this.state === 'up') {
      this.#say('Restarting')
      return this.#replace()
    }
    this.#happen({type: 'restart', word: 'Restarting'})
    if (old !== undefined) {
      this.#abandon(old)
      this.#happen({type: 'terminate'})
      await this.#world.stopDynos([old.dyno])
      await old.dyno.ended
    }
    await this.start()
  }

  /** Takes the slot out of service for good, and gives the dynos that the caller has to stop. */
  close(): readonly Dyno[] {
    this.#isClosed = true
    clearTimeout(this.#retry)
    const runs = [this.#run, this.#next].filter(run => run !== undefined)
    for (const run of runs) this.#abandon(run)
    if (runs.length > 0) this.#happen({type: 'stop', isRunning: true})
    return runs.map(run => run.dyno)
  }

  async #prepare(port: number): Promise<Run> {
    const run: Run = {dyno: await this.#world.makeDyno(this, port), port, waiting: new AbortController(), isAbandoned: false}
    void run.dyno.ended.then(end => this.#ended(run, end))
    return run
  }

  /** The slot was closed meanwhile: what was made for the dyno goes again, before it started. */
  async #cancel({dyno}: Run, held: HeldPort): Promise<void> {
    dyno.leaveTo(Promise.resolve())
    await held.release()
    await dyno.start()
  }

  /** Resolves when its process runs, or when it is clear that it never will. */
  async #launch(run: Run, held: HeldPort): Promise<void> {
    this.#happen({type: 'launch', command: this.command})
    await held.release()
    await run.dyno.start()
    this.#started(run)
  }

  /** Web is up when it listens on its $PORT, others as soon as they run. */
  #started(run: Run): void {
    if (run.isAbandoned || run.dyno.pid === undefined) return
    const {signal} = run.waiting
    if (this.type !== 'web') this.#up(run)
    void this.#world.whenListening(run.port, signal).then(host => {
      if (host === undefined || run.isAbandoned) return
      run.route = this.#world.route(this, {host, port: run.port})
      if (this.type === 'web') this.#up(run)
      else run.waiting.abort()
    })
    if (this.type === 'web') this.#watchBoot(run, signal)
  }

  #watchBoot(run: Run, signal: AbortSignal): void {
    const {bootMs, limits} = this.#world
    const look = setInterval(() => void this.#lookForWrongPort(run), Math.min(lookForPortMs, limits.bootMs / 4))
    const limit = Number.isFinite(bootMs) ? setTimeout(() => void this.#bootTimedOut(run), bootMs) : undefined
    signal.addEventListener('abort', () => {
      clearInterval(look)
      clearTimeout(limit)
    })
  }

  async #lookForWrongPort(run: Run): Promise<void> {
    if (!this.#world.keepsWrongPort || this.wrongPort !== undefined) return
    const port = (await this.#world.boundPorts(run.dyno)).find(bound => bound !== run.port)
    if (port === undefined || run.waiting.signal.aborted) return
    this.wrongPort = port
    this.#say(this.wrongPortText ?? '')
    this.#world.changed(this)
  }

  async #bootTimedOut(run: Run): Promise<void> {
    await this.#lookForWrongPort(run)
    if (run.waiting.signal.aborted) return
    const seconds = this.#world.statedBootSeconds
    this.hasTimedOut = true
    if (this.wrongPort !== undefined) {
      this.#happen({type: 'wrong-port', seconds, port: this.wrongPort})
      this.#world.changed(this)
      return
    }
    this.#happen({type: 'boot-timeout', seconds})
    await this.#world.killDynos([run.dyno])
  }

  #up(run: Run): void {
    if (this.type === 'web') run.waiting.abort()
    this.wrongPort = undefined
    if (run === this.#next) {
      this.#next = undefined
      this.#run = run
      this.#since = now()
    }
    this.#happen({type: 'up'})
    this.#world.changed(this)
  }

  async #replace(): Promise<void> {
    const late = this.#next
    if (late !== undefined) {
      this.#abandon(late)
      await this.#world.killDynos([late.dyno])
    }
    const old = this.#run
    const held = await this.#world.holdPort()
    const next = await this.#prepare(held.port)
    const isLate = this.#isClosed || old === undefined || old.isAbandoned || (this.#next !== undefined && this.#next !== late)
    if (isLate) return this.#cancel(next, held)
    this.#next = next
    await this.#launch(next, held)
    await Promise.race([next.dyno.ended, aborted(next.waiting.signal)])
    if (this.#run !== next || old === undefined) return
    this.#abandon(old)
    this.#happen({type: 'terminate'})
    await this.#world.stopDynos([old.dyno])
  }

  /** From here on the end of `run` is no crash, and no request goes to it. */
  #abandon(run: Run): void {
    run.isAbandoned = true
    run.waiting.abort()
    run.route?.remove()
    delete run.route
  }

  #ended(run: Run, end: DynoEnd): void {
    const wasAsked = run.isAbandoned
    this.#abandon(run)
    const status = exitCodeOf(end, constants.signals)
    if (run === this.#next) {
      this.#next = undefined
      this.#say(`Process exited with status ${status}`)
      if (!wasAsked) this.#tell(explainEnd(this.name, end, 'The old dyno goes on serving.'))
      return
    }
    if (run !== this.#run) {
      this.#say(`Process exited with status ${status}`)
      return
    }
    this.#run = undefined
    this.wrongPort = undefined
    if (wasAsked) this.#happen({type: 'exit', how: 'asked', status, livedMs: end.livedMs})
    else this.#endedAlone(end, status)
  }

  #endedAlone(end: DynoEnd, status: number): void {
    this.lastEnd = end
    const next = this.#world.afterEnd(this, status)
    const how = next !== 'restart' && status === 0 ? 'for good' : 'alone'
    const {restartInMs = 0} = this.#happen({type: 'exit', how, status, livedMs: end.livedMs}, end)
    if (next === 'restart') {
      this.#tell(explainEnd(this.name, end, restartInMs === 0 ? 'Restarting now.' : `Restarting in ${renderDuration(restartInMs)}.`))
      this.#retry = setTimeout(() => {
        this.#restarts++
        void this.start()
      }, restartInMs)
    } else if (status !== 0) {
      this.#tell(explainEnd(this.name, end, next === 'stop' ? 'Stopping the app.' : 'It is not started again.'))
    }
  }

  #happen(happening: DynoHappening, end?: DynoEnd): DynoTransition {
    const transition = advanceDyno(this.#life, happening, this.#world.limits)
    const {life, lines, change} = transition
    this.#life = life
    if (change !== undefined) this.#since = now()
    for (const line of lines) {
      // Who shows the `state` event shows it as this line.
      if (change !== undefined && line.startsWith('State changed ')) this.#world.emit(this.#stateEvent(change, end))
      else this.#say(line)
    }
    if (change !== undefined) this.#world.changed(this)
    return transition
  }

  #stateEvent(change: {readonly from: DynoState; readonly to: DynoState}, end: DynoEnd | undefined): StateEvent {
    const {pid, port} = this.status
    return {
      type: 'state',
      time: this.#since,
      dyno: this.name,
      ...change,
      ...(pid === undefined ? {} : {pid}),
      ...(port === undefined ? {} : {port}),
      ...(end?.exitCode === undefined ? {} : {exitCode: end.exitCode}),
      ...(end?.signal === undefined ? {} : {signal: end.signal}),
      isolation: this.#world.isolation,
    }
  }

  #say(text: string): void {
    this.#world.emit(platformLine(this.name, text, now()))
  }

  #tell(lines: readonly string[]): void {
    for (const line of lines) this.#say(line)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), {once: true}))
}
