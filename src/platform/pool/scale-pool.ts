import {setTimeout as wait} from 'node:timers/promises'
import type {PoolEngine} from '../../engines/pool/engine.ts'
import {HomeportError} from '../../model/error.ts'
import type {Emit} from '../../model/event.ts'
import type {Host} from '../../model/pool.ts'
import {managerCount} from '../../model/pool-setup.ts'
import {tellStep} from './pool-context.ts'

export type ScalePoolOptions = {
  readonly engine: PoolEngine
  readonly emit: Emit
  /** Asks the cloud for so many hosts. */
  readonly grow: (size: number) => Promise<void>
  /** Takes this very host away, and the group's size with it. */
  readonly terminate: (host: Host) => Promise<void>
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const defaultTimeoutMs = 600_000
const lookEveryMs = 500

/** More hosts, or fewer: those that leave are workers, drained before they go. Refuses to go below the managers. */
export async function scalePool(from: number, to: number, options: ScalePoolOptions): Promise<void> {
  const {engine, emit, grow, terminate} = options
  if (to < managerCount(from)) {
    throw new HomeportError('FLAG_INVALID', `The pool has ${managerCount(from)} managers, so it cannot have ${to} hosts.`, {
      hint: `Take --size ${managerCount(from)} or more, or make a smaller pool.`,
    })
  }
  if (to >= from) {
    await tellStep(emit, 'hosts', String(to), () => grow(to))
    await tellStep(emit, 'join', `until ${to} are ready`, () => until(options, async () => (await readyHosts(engine)).length >= to))
    return
  }
  const workers = (await engine.hosts()).filter(host => !host.isManager).sort((one, other) => one.dynos - other.dynos)
  for (const host of workers.slice(0, from - to)) {
    await tellStep(emit, 'drain', host.name, async () => {
      await engine.drain(host.id)
      await until(options, async () => (await engine.hosts()).find(({id}) => id === host.id)?.state !== 'draining')
    })
    await tellStep(emit, 'leave', host.name, async () => {
      await terminate(host)
      await until(options, async () => (await engine.hosts()).find(({id}) => id === host.id)?.state === 'down')
      await engine.forgetHost(host.id)
    })
  }
}

async function readyHosts(engine: PoolEngine): Promise<readonly Host[]> {
  return (await engine.hosts()).filter(host => host.state === 'ready')
}

async function until({timeoutMs = defaultTimeoutMs, signal}: ScalePoolOptions, isTrue: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs
  while (!(await isTrue())) {
    if (Date.now() > giveUpAt)
      throw new HomeportError('TARGET_FAILED', 'The pool did not get there in time.', {
        hint: 'Look with `homeport pool:hosts NAME`; run the same command again to go on.',
      })
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}
