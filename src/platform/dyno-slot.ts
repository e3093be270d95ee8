import {constants} from 'node:os'
import type {Dyno} from '../engines/dyno/dyno.ts'
import {boundPorts, whenListening} from '../engines/dyno/listening.ts'
import {type DynoEnd, exitCodeOf} from '../model/dyno.ts'
import {backOffMs, bootTimeoutLine, wrongPortLine} from '../model/dyno-state.ts'
import {explainEnd, renderDuration} from '../model/ending.ts'
import {type DynoState, type Emit, now, platformLine} from '../model/event.ts'
import type {AfterEnd} from '../model/exit-policy.ts'
import type {HeldPort} from '../lib/free-port.ts'

/** What a slot needs from the running app around it. */
export type SlotWorld = {
  readonly emit: Emit
  /** Milliseconds until a web dyno must listen; Infinity for `--boot-timeout none`. */
  readonly bootMs: number
  readonly isolation: string
  /** A folder's web dyno on another port stays and is explained; a slug's is killed, as on the platform. */
  readonly keepsWrongPort: boolean
  holdPort(): Promise<HeldPort>
  /** A dyno that was not started yet. */
  makeDyno(slot: DynoSlot, port: number): Dyno
  /** SIGTERM, the stop limit, SIGKILL, until nothing is left. */
  stopDynos(dynos: readonly Dyno[]): Promise<void>
  killDynos(dynos: readonly Dyno[]): Promise<void>
  /** Requests may go to this dyno from now on / no longer. */
  route(slot: DynoSlot, port: number): Route
  routesChanged(slot: DynoSlot): void
  afterEnd(slot: DynoSlot, exitCode: number): AfterEnd
  changed(slot: DynoSlot): void
}

export type Route = {remove(): void}

/** One process that fills a slot, from its spawn to its end. */
type Run = {
  readonly dyno: Dyno
  readonly port: number
  readonly startedAt: number
  readonly waiting: AbortController
  route?: Route
  /** Homeport stops or replaces it: its end is no crash. */
  isStopping: boolean
}

/**
 * One place of the formation, such as `web.1`: the dyno that fills it, and what becomes of it (platform.md c.1 to c.4). It
 * boots, is watched, crashes and comes back, is replaced, is stopped.
 */
export class DynoSlot {
  readonly name: string
  readonly type: string
  command: string
  /** The port of another service that web listens on instead of $PORT, until it listens on $PORT. */
  wrongPort: number | undefined
  readonly #world: SlotWorld
  #state: DynoState = 'created'
  #since = now()
  #restarts = 0
  #crashes = 0
  #run: Run | undefined
  #next: Run | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false
  #isStarting = false

  constructor(name: string, type: string, command: string, world: SlotWorld) {
    this.name = name
    this.type = type
    this.command = command
    this.#world = world
  }

  get state(): DynoState {
    return this.#state
  }

  get status() {
    const {dyno, port} = this.#run ?? {}
    return {since: this.#since, pid: dyno?.pid, port, restarts: this.#restarts}
  }

  /** Every process of Homeport's that fills this slot at the moment: one, or two while it is being replaced. */
  get dynos(): readonly Dyno[] {
    return [this.#run, this.#next].flatMap(run => (run === undefined ? [] : [run.dyno]))
  }

  /** Starts a dyno; `held` is its port when it was reserved beforehand. */
  async start(held?: HeldPort): Promise<void> {
    clearTimeout(this.#retry)
    if (this.#isClosed || this.#isStarting || this.#run !== undefined) return
    this.#isStarting = true
    const port = held ?? (await this.#world.holdPort())
    this.#isStarting = false
    if (this.#isClosed) return port.release()
    this.#changeState('starting')
    this.#run = this.#launch(port)
    this.#awaitUp(this.#run)
  }

  /**
   * Puts a new dyno in the place of the running one. Web: the new one is up before the old one stops, and when it does not
   * come up, the old one goes on serving. Others: the old one has ended before the new one starts.
   */
  async restart(): Promise<void> {
    this.#crashes = 0
    if (this.#isClosed) return
    if (this.#run === undefined) return this.start()
    this.#say('Restarting')
    this.#restarts++
    if (this.type === 'web' && this.#state === 'up') return this.#replace()
    const old = this.#run
    this.#abandon(old)
    this.#changeState('starting')
    this.#say('Stopping all processes with SIGTERM')
    await this.#world.stopDynos([old.dyno])
    this.#run = undefined
    await this.start()
  }

  /** Takes the slot out of service for good and gives the dynos that the caller has to stop. */
  close(): readonly Dyno[] {
    this.#isClosed = true
    clearTimeout(this.#retry)
    const runs = [this.#run, this.#next].filter(run => run !== undefined)
    for (const run of runs) this.#abandon(run)
    if (runs.length > 0) this.#say('Stopping all processes with SIGTERM')
    if (this.#state !== 'complete') this.#changeState('down')
    return runs.map(run => run.dyno)
  }

  #launch(held: HeldPort): Run {
    const dyno = this.#world.makeDyno(this, held.port)
    const run: Run = {dyno, port: held.port, startedAt: now(), waiting: new AbortController(), isStopping: false}
    this.#say(`Starting process with command \`${this.command}\``)
    held.release()
    dyno.start()
    void dyno.ended.then(end => this.#ended(run, end))
    return run
  }

  /** Web is up when it listens on its $PORT, others as soon as they run. */
  #awaitUp(run: Run): void {
    if (this.type !== 'web') {
      if (run.dyno.pid !== undefined) this.#up(run)
      return
    }
    const {signal} = run.waiting
    void whenListening(run.port, {signal}).then(isListening => {
      if (isListening && !run.isStopping) this.#up(run)
    })
    this.#watchBoot(run, signal)
  }

  #watchBoot(run: Run, signal: AbortSignal): void {
    const {bootMs} = this.#world
    const look = setInterval(() => void this.#lookForWrongPort(run), Math.min(2_000, bootMs / 4))
    const limit = Number.isFinite(bootMs) ? setTimeout(() => void this.#bootTimedOut(run), bootMs) : undefined
    signal.addEventListener('abort', () => {
      clearInterval(look)
      clearTimeout(limit)
    })
  }

  async #lookForWrongPort(run: Run): Promise<void> {
    if (!this.#world.keepsWrongPort || this.wrongPort !== undefined) return
    const [port] = await boundPorts(run.dyno)
    if (port === undefined || run.waiting.signal.aborted || port === run.port) return
    this.wrongPort = port
    this.#say(wrongPortLine(port, run.port))
    this.#world.routesChanged(this)
  }

  async #bootTimedOut(run: Run): Promise<void> {
    await this.#lookForWrongPort(run)
    if (run.waiting.signal.aborted) return
    this.#say(bootTimeoutLine(this.#world.bootMs, this.wrongPort))
    if (this.wrongPort !== undefined) return
    this.#say('Stopping process with SIGKILL')
    await this.#world.killDynos([run.dyno])
  }

  #up(run: Run): void {
    run.waiting.abort()
    run.route = this.#world.route(this, run.port)
    this.wrongPort = undefined
    if (run === this.#next) {
      this.#next = undefined
      this.#run = run
      this.#since = now()
    }
    if (this.#state !== 'up') this.#changeState('up')
    else this.#world.changed(this)
  }

  async #replace(): Promise<void> {
    if (this.#next !== undefined) {
      const late = this.#next
      this.#abandon(late)
      await this.#world.killDynos([late.dyno])
      this.#next = undefined
    }
    const old = this.#run
    const held = await this.#world.holdPort()
    if (this.#isClosed || old === undefined || this.#next !== undefined) return held.release()
    const next = this.#launch(held)
    this.#next = next
    this.#awaitUp(next)
    await Promise.race([next.dyno.ended, aborted(next.waiting.signal)])
    if (this.#run !== next) return
    this.#abandon(old)
    this.#say('Stopping all processes of the old dyno with SIGTERM')
    await this.#world.stopDynos([old.dyno])
  }

  /** From here on the end of `run` is no crash, and no request goes to it. */
  #abandon(run: Run): void {
    run.isStopping = true
    run.waiting.abort()
    run.route?.remove()
    delete run.route
  }

  #ended(run: Run, end: DynoEnd): void {
    const wasExpected = run.isStopping
    this.#abandon(run)
    const exitCode = exitCodeOf(end, constants.signals)
    this.#say(`Process exited with status ${exitCode}`)
    if (run === this.#next) {
      this.#next = undefined
      if (!wasExpected) this.#tell(explainEnd(this.name, end, 'The old dyno goes on serving.'))
      return
    }
    if (run !== this.#run) return
    this.#run = undefined
    this.wrongPort = undefined
    if (!wasExpected) this.#crashed(end, exitCode)
  }

  #crashed(end: DynoEnd, exitCode: number): void {
    const next = this.#world.afterEnd(this, exitCode)
    if (next !== 'restart') {
      this.#changeState(exitCode === 0 ? 'complete' : 'crashed', {exitCode, ...(end.signal === undefined ? {} : {signal: end.signal})})
      if (exitCode !== 0) this.#tell(explainEnd(this.name, end, next === 'stop' ? 'Stopping the app.' : 'It is not started again.'))
      return
    }
    const delay = backOffMs(this.#crashes, end.livedMs, this.#world.bootMs)
    this.#crashes = delay.crashes
    this.#changeState('crashed', {exitCode, ...(end.signal === undefined ? {} : {signal: end.signal})})
    const when = delay.delayMs === 0 ? 'Restarting now.' : `Restarting in ${renderDuration(delay.delayMs)}.`
    this.#tell(explainEnd(this.name, end, when))
    this.#retry = setTimeout(() => {
      this.#restarts++
      void this.start()
    }, delay.delayMs)
  }

  #changeState(to: DynoState, more: {readonly exitCode?: number; readonly signal?: string} = {}): void {
    const from = this.#state
    if (from === to) return
    this.#state = to
    this.#since = now()
    const {pid, port} = this.status
    this.#world.emit({
      type: 'state',
      time: this.#since,
      dyno: this.name,
      from,
      to,
      ...(pid === undefined ? {} : {pid}),
      ...(port === undefined ? {} : {port}),
      ...more,
      isolation: this.#world.isolation,
    })
    this.#say(`State changed from ${from} to ${to}`)
    this.#world.changed(this)
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
