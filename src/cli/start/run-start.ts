import {openProcessTable} from '../../lib/process-table/process-table.ts'
import {portOf} from '../../model/config-vars.ts'
import {now, type PlatformEvent} from '../../model/event.ts'
import {platformLimits} from '../../model/limits.ts'
import type {Settings} from '../../model/settings.ts'
import {EventHub} from '../../platform/event-hub.ts'
import {openApp} from '../../platform/open-app.ts'
import {type StartedApp, start} from '../../platform/start.ts'
import {wantsColour} from '../colour.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {list, optionalText, readStartOptions} from '../flags/read-start-options.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {stdoutClosedCode} from '../write.ts'
import {openLogView} from './log-view.ts'
import {renderNote} from './start-request.ts'
import {StopSignals} from './stop-signals.ts'

export type StartRequest = {
  readonly values: FlagValues
  readonly arguments: readonly string[]
  /** Flags that were not typed but come from the environment or a file. */
  readonly untyped: ReadonlySet<string>
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly warn: (text: string) => void
}

/** `homeport start`, from its flags to its exit code: runs the app of a folder in the foreground until it is stopped. */
export async function runStart({values, arguments: types, untyped, settings, env, warn}: StartRequest): Promise<number> {
  const signals = new StopSignals()
  const closed = Promise.withResolvers<number>()
  const stdout = new OutputWriter(1, {onClosed: () => closed.resolve(stdoutClosedCode)})
  const hasColour = wantsColour({isTerminal: stdout.isTerminal, flag: values['color'] as boolean | undefined, env})
  const procfile = optionalText(values, 'procfile')
  const app = openApp(optionalText(values, 'root') ?? '.', {
    env: list(values, 'env'),
    expand: values['expand'] === true,
    shellEnv: settings.shellEnv,
    ...(procfile === undefined ? {} : {procfile}),
  })
  const envFilePort = portOf(app.configVars)
  const options = readStartOptions({
    values,
    untyped,
    arguments: types,
    limits: platformLimits(settings.timeScale),
    isSlug: false,
    hasColour,
    ...(envFilePort === undefined ? {} : {envFilePort}),
  })
  const hub = new EventHub()
  const view = openLogView({values, stdout, hasColour, names: [...app.types.keys()].map(type => `${type}.1`)})
  hub.subscribe(view.show)
  for (const note of [...app.notices, ...app.warnings.map(renderNote)]) warn(note)
  const started = await start(app, options, {settings, emit: hub.emit, gate: view, table: openProcessTable(), warn})
  const exitCode = await untilStopped(started, {signals, closed: closed.promise})
  await started[Symbol.asyncDispose]()
  hub.emit({type: 'stopped', time: now(), exitCode, left: 0} satisfies PlatformEvent)
  await Promise.race([view.flush(), signals.second])
  return exitCode
}

type Ends = {readonly signals: StopSignals; readonly closed: Promise<number>}

/** Waits for the first reason to stop, stops, and gives the exit code (cli.md section 1). */
async function untilStopped({running}: StartedApp, {signals, closed}: Ends): Promise<number> {
  const insisted = signals.second.then(async () => {
    await running.kill()
    return 130
  })
  const asked = signals.first.then(async () => {
    if (running.isStopping) return running.stopped
    await running.stop()
    return 0
  })
  const unread = closed.then(async code => {
    signals.stopBegan()
    await running.stop()
    return code
  })
  void running.stopBegan.then(() => signals.stopBegan())
  return Promise.race([insisted, asked, unread, running.stopped])
}
