import {type App, appName} from '../../model/app.ts'
import {configVarValues} from '../../model/config-vars.ts'
import {HomeportError} from '../../model/error.ts'
import type {Emit} from '../../model/event.ts'
import type {Settings} from '../../model/settings.ts'
import type {BuildResult} from '../../platform/build-options.ts'
import {buildSlug} from '../../platform/build-slug.ts'
import {realFolder} from '../../platform/read-app-file.ts'
import {readConfigVars} from '../../platform/read-config-vars.ts'
import {type SlugInUse, useSlugOf} from '../../platform/run-slug.ts'
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
}

/** Builds a slug of the app as the flags say (cli.md section 7); its guardian ends the build when Homeport is killed. */
export async function buildByFlags({values, settings, emit, stop}: BuildRequest): Promise<BuildResult> {
  const root = realFolder(optionalText(values, 'root') ?? '.')
  const {configVars} = readConfigVars(root, {...configVarOptions(values, settings), withDefault: true})
  return await buildSlug(root, {
    wishes: buildWishes(values),
    configVars: new Map(Object.entries(configVarValues(configVars))),
    settings,
    emit,
    signal: stop,
    cwd: process.cwd(),
  })
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
  const root = realFolder(optionalText(values, 'root') ?? '.')
  const {configVars, warnings} = readConfigVars(root, {...configVarOptions(values, settings), withDefault: true})
  return {name: appName(root), root, types: slug.processTypes, configVars, warnings, notices: []}
}
