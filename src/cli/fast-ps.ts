import type {AppStatus} from '../control/app-status.ts'
import {type Paint, painter, wantsColour} from './colour.ts'
import {isTerminal} from './is-terminal.ts'
import {ownSettings} from './settings.ts'
import {writeNow} from './write.ts'

/** What `ps` and `status` take, when it is written in the plainest way. */
type PlainFlags = {readonly root: string; readonly app?: string; readonly isJson: boolean; readonly color?: boolean}

/** `homeport ps` without the command framework: the same answer as commands/ps/index.ts, in half the time. */
export async function fastPs(argv: readonly string[]): Promise<boolean> {
  const flags = readPlainFlags(argv)
  if (flags === undefined) return false
  const {findRunning} = await import('../control/find-running.ts')
  const app = await findRunning({...flags, settings: ownSettings()})
  const {callControl, readTimeoutMs} = await import('../control/client.ts')
  const {homeportPath} = await import('../control/app-path.ts')
  const {dynos} = await callControl<AppStatus>(app, {path: homeportPath(app), timeoutMs: readTimeoutMs})
  const {renderDynos} = await import('./render/dynos.ts')
  answer(flags, dynos, paint => renderDynos(dynos, {app: app.name, now: Date.now(), paint}))
  return true
}

/** `homeport status` likewise; with `--wait` the framework has the time. */
export async function fastStatus(argv: readonly string[]): Promise<boolean> {
  const flags = readPlainFlags(argv)
  if (flags === undefined) return false
  const {readApps} = await import('../control/read-apps.ts')
  const apps = await readApps(ownSettings(), flags.app)
  const {renderApps} = await import('./render/apps.ts')
  answer(flags, apps, paint => renderApps(apps, paint))
  return true
}

function answer({isJson, color}: PlainFlags, document: unknown, render: (paint: Paint) => string): void {
  if (isJson) writeNow(1, `${JSON.stringify(document, null, 2)}\n`)
  else writeNow(1, render(painter(wantsColour({isTerminal: isTerminal(1), flag: color, env: process.env}))))
}

/** Undefined for anything else, which the framework then reads or explains. */
function readPlainFlags(argv: readonly string[]): PlainFlags | undefined {
  let flags: PlainFlags = {root: process.cwd(), isJson: false}
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]
    const value = argv[at + 1]
    if (word === '--json') flags = {...flags, isJson: true}
    else if (word === '--no-color') flags = {...flags, color: false}
    else if ((word === '-a' || word === '--app') && value !== undefined && !value.startsWith('-')) {
      flags = {...flags, app: value}
      at++
    } else return undefined
  }
  return flags
}
