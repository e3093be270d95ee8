import type {Emit, Gate} from '../../model/event.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {optionalText} from '../flags/read-start-options.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {TerminalView} from '../output/terminal-view.ts'
import {type LogFormat, lineRenderer} from '../render/line.ts'

export type LogViewOptions = {
  readonly values: FlagValues
  readonly stdout: OutputWriter
  readonly hasColour: boolean
  /** Names of the dynos that will come. */
  readonly names: Iterable<string>
}

/** Shows the log of `start` in the form that was asked for. Dynos wait while it is congested. */
export type LogView = Gate & {readonly show: Emit; flush(): Promise<void>}

/** Opens the log of `start` on standard output; `raw` puts the dyno's stderr on standard error. */
export function openLogView({values, stdout, hasColour, names}: LogViewOptions): LogView {
  const format = logFormat(values)
  const {isTerminal} = stdout
  const render = lineRenderer({format, isTerminal, timestamps: values['timestamps'] !== false, isColoured: hasColour, names})
  if (format === 'raw') return rawView(stdout, render)
  const view = isTerminal && format !== 'json' ? new TerminalView({render: event => render(event).data, columns}) : undefined
  return {
    show: event => stdout.write(view === undefined ? render(event).data : view.show(event)),
    get isCongested() {
      return stdout.isCongested
    },
    whenClear: () => stdout.whenClear(),
    flush: () => stdout.flush(),
  }
}

function rawView(stdout: OutputWriter, render: ReturnType<typeof lineRenderer>): LogView {
  const writers = {stdout, stderr: new OutputWriter(2)}
  const all = Object.values(writers)
  return {
    show(event) {
      const {stream, data} = render(event)
      writers[stream].write(data)
    },
    get isCongested() {
      return all.some(writer => writer.isCongested)
    },
    async whenClear() {
      await Promise.all(all.map(writer => writer.whenClear()))
    },
    async flush() {
      await Promise.all(all.map(writer => writer.flush()))
    },
  }
}

function logFormat(values: FlagValues): LogFormat {
  return values['json'] === true ? 'json' : ((optionalText(values, 'log-format') ?? 'short') as LogFormat)
}

function columns(): number {
  return process.stdout.columns ?? 80
}
