import type {CiStep} from '../../model/ci-report.ts'
import type {ConfigVars} from '../../model/config-vars.ts'
import {now} from '../../model/event.ts'
import type {Settings} from '../../model/settings.ts'
import type {EventHub} from '../../platform/event-hub.ts'
import type {SlugInUse} from '../../platform/run-slug.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {openSlug, testByFlags} from '../start/open-slug.ts'
import type {StopSignals} from '../start/stop-signals.ts'

/** What came of the phases before the app runs. */
export type BuildPhases = {readonly slug?: SlugInUse; readonly steps: readonly CiStep[]; readonly failure?: unknown}

export type BuildPhasesRequest = {readonly values: FlagValues; readonly settings: Settings; readonly signals: StopSignals}
type BuildParts = {readonly hub: EventHub; readonly configVars: ConfigVars; readonly scripts: ReadonlyMap<string, string>}

/** The phases before the app runs: its slug, and with --test its tests. */
export async function buildPhases(
  root: string,
  {values, settings, signals}: BuildPhasesRequest,
  {hub, configVars, scripts}: BuildParts,
): Promise<BuildPhases> {
  const isGiven = values['slug'] !== undefined
  const request = {values: {...values, root, build: !isGiven}, settings, emit: hub.emit, stop: signals.asSignal(), configVars}
  const steps: CiStep[] = []
  let slug: SlugInUse | undefined
  try {
    if (values['no-build'] === true) steps.push({name: 'build', outcome: 'skipped', durationMs: 0, detail: '--no-build'})
    else
      await phase('build', {hub, steps}, async () => {
        slug = await openSlug(request)
        return slug.slug.id
      })
    const [setup, test] = [scripts.get('test-setup'), scripts.get('test')]
    const named = {...(setup === undefined ? {} : {setup}), ...(test === undefined ? {} : {test})}
    if (values['test'] === true) await phase('test', {hub, steps}, async () => void (await testByFlags(request, named)))
    return {steps, ...(slug === undefined ? {} : {slug})}
  } catch (failure) {
    return {steps, failure, ...(slug === undefined ? {} : {slug})}
  }
}

async function phase(
  name: string,
  {hub, steps}: {readonly hub: EventHub; readonly steps: CiStep[]},
  action: () => Promise<string | undefined>,
): Promise<void> {
  const begun = now()
  hub.emit({type: 'step', time: begun, name, status: 'started'})
  try {
    const detail = await action()
    hub.emit({type: 'step', time: now(), name, status: 'done', ...(detail === undefined ? {} : {detail})})
    steps.push({name, outcome: 'passed', durationMs: now() - begun})
  } catch (failure) {
    const detail = failure instanceof Error ? failure.message : String(failure)
    hub.emit({type: 'step', time: now(), name, status: 'failed', detail})
    steps.push({name, outcome: 'failed', durationMs: now() - begun, detail})
    throw failure
  }
}
