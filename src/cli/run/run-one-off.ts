import {openProcessTable} from '../../lib/process-table/process-table.ts'
import type {App} from '../../model/app.ts'
import {type DynoSize, dynoSize} from '../../model/dyno-size.ts'
import type {Emit} from '../../model/event.ts'
import {platformLimits} from '../../model/limits.ts'
import {oneOffName, planOneOff} from '../../model/one-off.ts'
import type {Settings} from '../../model/settings.ts'
import {folderOneOffs, type OneOffKind, slugOneOffs} from '../../platform/one-off-kind.ts'
import {openApp} from '../../platform/open-app.ts'
import {run} from '../../platform/run.ts'
import {configVarOptions} from '../flags/config-var-options.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {optionalText} from '../flags/read-start-options.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {renderNote} from '../start/start-request.ts'
import {writeNow} from '../write.ts'
import {attachUser} from './attach-user.ts'
import {AttachedSignals} from './attached-signals.ts'

export type OneOffRequest = {
  readonly values: FlagValues
  /** The command as it was typed. */
  readonly words: readonly string[]
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly warn: (text: string) => void
}

/** `homeport run`, from its flags to its exit code. */
export async function runOneOff(request: OneOffRequest): Promise<number> {
  const {values, words, settings, warn} = request
  if (values['detach'] === true) {
    const {detachOneOff} = await import('./detach-one-off.ts')
    return detachOneOff(request)
  }
  const signals = new AttachedSignals()
  using source = await openSource({...request, stop: signals.early})
  const {app, kind} = source
  for (const warning of app.warnings) warn(renderNote(warning))
  const oneOff = {name: oneOffName(Math.random()), command: planOneOff(words, app.types), kind}
  return await attachUser(signals, {
    noTerminal: values['no-tty'] === true,
    settings,
    start: io => run(app, {...oneOff, io}, {settings, table: openProcessTable(), emit: complain, warn}),
  })
}

/** What is run, and in which dyno. Disposing of it lets the slug go. */
export type OneOffSource = Disposable & {readonly app: App; readonly kind: OneOffKind}

/** The app of the folder or that of a running app with `--app`; with `--slug` and `--build` what production would make of it. */
export async function openSource({values, settings, stop}: OneOffRequest & {readonly stop: AbortSignal}): Promise<OneOffSource> {
  const limits = platformLimits(settings.timeScale)
  const root = await rootOf(values, settings)
  const wishes = {isolation: values['isolation'] as OneOffKind['wish'] | undefined, size: sizeOf(values)}
  if (values['slug'] === undefined && values['build'] !== true) {
    const procfile = optionalText(values, 'procfile')
    const app = openApp(root, {...configVarOptions(values, settings), ...(procfile === undefined ? {} : {procfile})})
    return {app, kind: folderOneOffs(settings, limits, wishes), [Symbol.dispose]() {}}
  }
  const {openSlug, readSlugApp} = await import('../start/open-slug.ts')
  const {buildView} = await import('../output/build-view.ts')
  const request = {values: {...values, root}, settings}
  const slug = await openSlug({...request, emit: buildView(new OutputWriter(2)), stop})
  return {
    app: readSlugApp(request, slug),
    kind: slugOneOffs(slug, settings, limits, wishes),
    [Symbol.dispose]: () => slug[Symbol.dispose](),
  }
}

function sizeOf(values: FlagValues): DynoSize | undefined {
  const name = optionalText(values, 'size')
  return name === undefined ? undefined : dynoSize(name)
}

async function rootOf(values: FlagValues, settings: Settings): Promise<string> {
  const root = optionalText(values, 'root') ?? '.'
  const name = optionalText(values, 'app')
  if (name === undefined) return root
  const {findRunning} = await import('../../control/find-running.ts')
  return (await findRunning({root, app: name, settings})).root
}

/** That there is no such command, in the words of a shell. The events of a dyno that somebody waits for are told nowhere else. */
const complain: Emit = event => {
  if (event.type === 'output' && event.source === 'app') writeNow(2, event.lines.toString())
}
