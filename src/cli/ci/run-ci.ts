import {appendFileSync, writeFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {openProcessTable} from '../../lib/process-table/process-table.ts'
import {type App, appName} from '../../model/app.ts'
import {forEnvironment} from '../../model/app-json.ts'
import {type CiStep, renderJunit, renderSummary, renderVerdict} from '../../model/ci-report.ts'
import type {ConfigVars} from '../../model/config-vars.ts'
import {now} from '../../model/event.ts'
import {platformLimits} from '../../model/limits.ts'
import type {Settings} from '../../model/settings.ts'
import {renderUrlCheck} from '../../model/url-check.ts'
import {CiFailure, ci} from '../../platform/ci.ts'
import {EventHub} from '../../platform/event-hub.ts'
import {openApp} from '../../platform/open-app.ts'
import {realFolder} from '../../platform/read-app-file.ts'
import {readAppJson} from '../../platform/read-app-json.ts'
import type {SlugInUse} from '../../platform/run-slug.ts'
import {wantsColour} from '../colour.ts'
import {configVarOptions} from '../flags/config-var-options.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {optionalText, readStartOptions} from '../flags/read-start-options.ts'
import {OutputWriter} from '../output/output-writer.ts'
import type {StopSignals} from '../start/stop-signals.ts'
import {writeNow} from '../write.ts'
import {buildPhases} from './build-phases.ts'
import {asAppTalk, ciLog, notReached, renderLastLines} from './ci-log.ts'
import {ciConfigVars, planChecks} from './ci-plan.ts'

export type CiRequest = {
  readonly values: FlagValues
  readonly command: readonly string[]
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signals: StopSignals
  readonly warn: (text: string) => void
}

/** `homeport ci`, from its flags to its exit code: build, release, start, healthy, checks, stop, and the proof that nothing is left. */
export async function runCi(request: CiRequest): Promise<number> {
  const {values, settings, env, signals, warn} = request
  const root = realFolder(optionalText(values, 'root') ?? '.')
  const {appJson: wholeAppJson, warnings} = readAppJson(root)
  for (const {message} of warnings) warn(message)
  const appJson = forEnvironment(wholeAppJson, 'test')
  const configVars = ciConfigVars(root, appJson, request)
  const checks = planChecks(appJson, values, request.command)
  const stdout = new OutputWriter(1)
  const hub = new EventHub()
  const isColoured = wantsColour({isTerminal: stdout.isTerminal, env})
  hub.subscribe(ciLog({isJson: values['json'] === true, isGithub: env['GITHUB_ACTIONS'] === 'true', isColoured, stdout}))
  const tests = values['test'] === true ? ['test'] : []
  const planned = [
    'build',
    ...tests,
    'release',
    'start',
    'healthy',
    ...checks.urls.map(check => `check ${renderUrlCheck(check)}`),
    'stop',
    'clean',
  ]
  const finish = (steps: readonly CiStep[], last = '') =>
    finishReport(request, {steps: [...steps, ...notReached(steps, planned)], last, stdout, app: appName(root)})

  const build = await buildPhases(root, request, {hub, configVars, scripts: appJson.scripts})
  using slug = build.slug
  if (build.failure !== undefined) {
    await finish(build.steps)
    throw build.failure
  }
  const world = {
    settings,
    emit: hub.emit,
    gate: stdout,
    table: openProcessTable(),
    warn,
    stop: signals.asSignal(),
    subscribe: hub.subscribe.bind(hub),
  }
  const options = {start: ciStartOptions(values, settings, slug !== undefined), ...checks, keeps: values['keep'] === true}
  try {
    const {steps, exitCode} = await ci(ciApp(root, configVars, {slug, values, settings}), options, world, slug)
    hub.emit({type: 'stopped', time: now(), exitCode, left: 0})
    await finish([...build.steps, ...steps])
    return exitCode
  } catch (error) {
    if (!(error instanceof CiFailure)) throw error
    await finish([...build.steps, ...error.steps], renderLastLines(error.lastLines))
    throw error.failure
  }
}

type Finish = {readonly steps: readonly CiStep[]; readonly last: string; readonly stdout: OutputWriter; readonly app: string}

/** Writes the reports; the last line names the phase, beside JSON where people look. */
async function finishReport({values, env}: CiRequest, {steps, last, stdout, app}: Finish): Promise<void> {
  const junit = optionalText(values, 'junit')
  if (junit !== undefined) writeFileSync(resolve(junit), renderJunit(app, steps, last))
  const isGithub = env['GITHUB_ACTIONS'] === 'true'
  const summary = env['GITHUB_STEP_SUMMARY'] ?? ''
  if (isGithub && summary !== '') appendFileSync(summary, renderSummary(app, steps))
  const isJson = values['json'] === true
  if (!isJson) stdout.write(isGithub ? asAppTalk(last) : last)
  await stdout.flush()
  writeNow(isJson ? 2 : 1, `${renderVerdict(steps)}\n`)
}

/** A dyno that fails ends the run; the router takes any free port, never 5006. */
function ciStartOptions(values: FlagValues, settings: Settings, isSlug: boolean) {
  return readStartOptions({
    values: {...values, 'exit-on': 'error', port: 0},
    untyped: new Set(),
    arguments: [],
    limits: platformLimits(settings.timeScale),
    isSlug,
    hasColour: false,
  })
}

type AppParts = {readonly slug: SlugInUse | undefined; readonly values: FlagValues; readonly settings: Settings}

function ciApp(root: string, configVars: ConfigVars, {slug, values, settings}: AppParts): App {
  if (slug !== undefined) return {name: appName(root), root, types: slug.slug.processTypes, configVars, warnings: [], notices: []}
  const procfile = optionalText(values, 'procfile')
  return {...openApp(root, {...configVarOptions(values, settings), ...(procfile === undefined ? {} : {procfile})}), configVars}
}
