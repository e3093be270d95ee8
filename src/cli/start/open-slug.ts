import {type App, appName} from '../../model/app.ts'
import {type ConfigVars, configVarValues} from '../../model/config-vars.ts'
import {HomeportError} from '../../model/error.ts'
import type {Emit} from '../../model/event.ts'
import type {Settings} from '../../model/settings.ts'
import type {BuildResult} from '../../platform/build-options.ts'
import {type BuildSlugOptions, buildSlug, testOnMachine} from '../../platform/build-slug.ts'
import {realFolder} from '../../platform/read-app-file.ts'
import {readConfigVars} from '../../platform/read-config-vars.ts'
import {type SlugInUse, useSlugOf} from '../../platform/run-slug.ts'
import type {TestScripts} from '../../platform/test-app.ts'
import {buildWishes} from '../flags/build-wishes.ts'
import {configVarOptions} from '../flags/config-var-options.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {optionalText} from '../flags/read-start-options.ts'

export type BuildRequest = {
  readonly values: FlagValues
  readonly settings: Settings
  readonly emit: Emit
  /** Aborted when the user wants to stop. */
  readonly stop: AbortSignal
  /** By default those that the flags name. */
  readonly configVars?: ConfigVars
}

/** Builds a slug of the app as the flags say (cli.md section 7); its guardian ends the build when Homeport is killed. */
export async function buildByFlags(request: BuildRequest): Promise<BuildResult> {
  return await buildSlug(rootOf(request), buildOptions(request))
}

/** Tests the app as Heroku CI does, with the same flags. */
export async function testByFlags(request: BuildRequest, scripts: TestScripts): Promise<void> {
  await testOnMachine(rootOf(request), buildOptions(request), scripts)
}

function rootOf({values}: Pick<BuildRequest, 'values'>): string {
  return realFolder(optionalText(values, 'root') ?? '.')
}

function buildOptions(request: BuildRequest): BuildSlugOptions {
  const {values, settings, emit, stop} = request
  const configVars =
    request.configVars ?? readConfigVars(rootOf(request), {...configVarOptions(values, settings), withDefault: true}).configVars
  return {
    wishes: buildWishes(values),
    configVars: new Map(Object.entries(configVarValues(configVars))),
    settings,
    emit,
    signal: stop,
    cwd: process.cwd(),
  }
}

/** The slug of `--slug`, or the one that is built first. */
export async function openSlug(request: BuildRequest): Promise<SlugInUse> {
  const reference = optionalText(request.values, 'slug')
  if (reference !== undefined && request.values['build'] === true) {
    throw new HomeportError('USAGE', '--slug and --build exclude each other.', {hint: 'Give one of them.'})
  }
  return await useSlugOf(reference ?? (await buildByFlags(request)).slug, request.settings)
}

/** The app that a slug is run as: its types, with the config vars of the folder. */
export function readSlugApp({values, settings}: Pick<BuildRequest, 'values' | 'settings'>, {slug}: SlugInUse): App {
  const root = rootOf({values})
  const {configVars, warnings} = readConfigVars(root, {...configVarOptions(values, settings), withDefault: true})
  return {name: appName(root), root, types: slug.processTypes, configVars, warnings, notices: []}
}
