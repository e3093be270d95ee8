import {Listr, ListrLogger, type ListrTaskWrapper, ProcessOutput} from 'listr2'
import type {Emit, OutputEvent, StepEvent} from '../../model/event.ts'
import {isWarningLine, stepTitle} from './step-title.ts'

/** Shows a build while it runs. */
export type StepsDisplay = {
  readonly emit: Emit
  /** To be called when the build is over: resolves when all is on the screen. */
  end(): Promise<void>
}

/** Without a terminal: the lines as they come, in the platform's shape. */
export function plainSteps(write: (lines: Buffer) => void): StepsDisplay {
  return {
    emit: event => {
      if (event.type === 'output' && event.partial !== true) write(event.lines)
    },
    end: async () => {},
  }
}

const linesShown = 8

type Task = ListrTaskWrapper<unknown, never, never>
type Step = {readonly title: string; readonly lines: string[]; readonly over: PromiseWithResolvers<boolean>}

/**
 * On a terminal: each step with the last lines of its output below it, folded to one line when it is done. Warnings stay, and of
 * a step that failed everything.
 */
export function terminalSteps(stream: NodeJS.WriteStream): StepsDisplay {
  let shown: Promise<unknown> = Promise.resolve()
  let current: Step | undefined
  let task: Task | undefined
  const print = (lines: readonly string[]) => {
    shown = shown.then(() => {
      if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
    })
  }
  const begin = (event: StepEvent) => {
    const step: Step = {title: stepTitle(event), lines: [], over: Promise.withResolvers()}
    current = step
    shown = shown.then(() => show(step, stream, wrapper => (task = wrapper)))
  }
  const finish = (isDone: boolean) => {
    const step = current
    current = undefined
    if (step === undefined) return
    step.over.resolve(isDone)
    print(isDone ? step.lines.filter(isWarningLine) : step.lines)
  }
  const tell = ({lines}: OutputEvent) => {
    const texts = lines.toString('utf8').replace(/\n$/, '').split('\n')
    if (current === undefined) return print(texts.filter(text => isWarningLine(text)))
    current.lines.push(...texts)
    if (task !== undefined) task.output = current.lines.slice(-linesShown).join('\n')
  }
  return {
    emit: event => {
      if (event.type === 'output' && event.partial !== true) tell(event)
      if (event.type === 'step' && event.status === 'started') begin(event)
      else if (event.type === 'step') finish(event.status !== 'failed')
    },
    async end() {
      finish(true)
      await shown
    },
  }
}

/** One step as a list of one task: listr2 draws it and folds it. Signals are not its business (findings 10). */
async function show(step: Step, stream: NodeJS.WriteStream, onTask: (task: Task) => void): Promise<void> {
  const list = new Listr(
    [
      {
        title: step.title,
        task: async (_context, wrapper) => {
          onTask(wrapper as unknown as Task)
          if (!(await step.over.promise)) throw new Error(step.title)
        },
      },
    ],
    {
      registerSignalListeners: false,
      exitOnError: false,
      renderer: 'default',
      fallbackRenderer: 'simple',
      rendererOptions: {
        logger: new ListrLogger({processOutput: new ProcessOutput(stream, stream)}),
        removeEmptyLines: false,
        formatOutput: 'truncate',
        outputBar: linesShown,
      } as never,
    },
  )
  await list.run()
}
