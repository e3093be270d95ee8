import {constants} from 'node:os'
import {openProcessTable} from '../../lib/process-table/process-table.ts'
import {exitCodeOf} from '../../model/dyno.ts'
import {planOneOff, renderCommand} from '../../model/one-off.ts'
import {EventHub} from '../../platform/event-hub.ts'
import {run} from '../../platform/run.ts'
import {keepLog} from '../start/keep-log.ts'
import {renderNote} from '../start/start-request.ts'
import {writeNow} from '../write.ts'
import {AttachedSignals} from './attached-signals.ts'
import type {BackgroundRequest, BackgroundStart} from './background-request.ts'
import {type OneOffRequest, openSource} from './run-one-off.ts'

/** What `run --detach` left in the background: the one-off dyno with its output in the log of the app. */
export async function runInBackground(
  {name, words, values}: BackgroundRequest,
  request: Pick<OneOffRequest, 'settings' | 'env' | 'warn'>,
): Promise<number> {
  const {settings, warn} = request
  const signals = new AttachedSignals()
  using source = await openSource({...request, values, words, stop: signals.early})
  const {app, kind} = source
  for (const warning of app.warnings) warn(renderNote(warning))
  const hub = new EventHub()
  await using _ = keepLog(app, {hub, settings, warn: () => {}, early: []})
  const command = planOneOff(words, app.types)
  const world = {settings, table: openProcessTable(), emit: hub.emit, warn: () => {}}
  await using attached = await run(app, {name, command, kind, io: {kind: 'log'}}, world)
  signals.connect(attached)
  const start: BackgroundStart = {app: app.name, command: renderCommand(command)}
  writeNow(1, `${JSON.stringify(start)}\n`)
  const end = await attached.ended
  return signals.exitCode ?? exitCodeOf(end, constants.signals)
}
