import {once} from 'node:events'
import type {PlatformEvent} from '../../model/event.ts'
import {renderJson} from '../../model/event-json.ts'
import type {OpenPool} from '../../platform/pool/open-pool.ts'
import {BaseCommand} from '../base-command.ts'
import {lineRenderer} from '../render/line.ts'
import {renderPoolStep} from '../render/pool.ts'
import {writeNow} from '../write.ts'
import {awsSettings} from './aws-settings.ts'

/** A command that works on a pool: opens it, tells what happens on stderr, and closes it at its end. */
export abstract class PoolCommand extends BaseCommand {
  readonly #stop = new AbortController()

  /** `emit` gets what happens; default: steps and the app's lines on stderr. */
  protected async openPool(name: string | undefined, emit: (event: PlatformEvent) => void = event => this.tell(event)): Promise<OpenPool> {
    this.cleanUp.defer(() => this.#stop.abort())
    // Commands for this machine need none of it.
    const {openPool} = await import('../../platform/pool/open-pool.ts')
    const opened = await openPool({
      aws: awsSettings(),
      settings: this.settings,
      name,
      pid: process.pid,
      isAlive,
      emit,
      signal: this.#stop.signal,
    })
    return this.cleanUp.use(opened)
  }

  protected get stopSignal(): AbortSignal {
    return this.#stop.signal
  }

  /** One event on stderr, in the form for people; under --json as a line of JSON there. */
  protected tell(event: PlatformEvent): void {
    if (event.type === 'output') writeNow(2, this.#render(event).data.toString())
    else if (event.type === 'step') writeNow(2, renderPoolStep(event))
  }

  /** One event on stdout as it is: for streams under --json. */
  protected async tellJson(event: PlatformEvent): Promise<void> {
    if (!process.stdout.write(renderJson(event))) await once(process.stdout, 'drain')
  }

  readonly #render = lineRenderer({format: 'short', timestamps: false, isColoured: false, isTerminal: false, names: new Set()})
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
