import {runBuildpacks} from '../engines/buildpack/run-buildpacks.ts'
import {body, heading, mergeProcessTypes, renderProcessTypes, renderSize, warning} from '../model/build-text.ts'
import {HomeportError} from '../model/error.ts'
import type {ProcessTypes} from '../model/formation.ts'
import {throwStopping, warningsAtStart} from '../model/problem.ts'
import {readProcfile} from '../model/procfile.ts'
import type {BuildOptions, BuildResult, StoredSlug, StoreSlug} from './build-options.ts'
import type {BuildReport} from './build-report.ts'
import {atBuildSite, type BuildSite} from './build-site.ts'
import {readAppFile} from './read-app-file.ts'

/**
 * Source folder -> buildpacks -> slug in the store (platform.md d.1 to d.5). Rejects as `atBuildSite` does, and with
 * SLUG_TOO_LARGE, NO_PROCESS_TYPES, PROCFILE_INVALID, APP_JSON_INVALID; then nothing is kept, neither a slug nor what the build
 * left in its cache.
 */
export async function build(folder: string, options: BuildOptions): Promise<BuildResult> {
  return await atBuildSite(folder, options, site => makeSlug(site, options.storeSlug))
}

async function makeSlug(
  {packs, detected, workspace, source, stack, context, report}: BuildSite,
  storeSlug: StoreSlug,
): Promise<BuildResult> {
  const {language, release} = await runBuildpacks(packs, {context, say: report.say, onStep: report.onStep, detected})
  // Some buildpacks say so themselves.
  if (report.lastLine !== heading('Build succeeded!')) report.say(heading('Build succeeded!'))
  const processTypes = discoverTypes(workspace.buildDir, release.defaultProcessTypes, {language, report})
  const buildpacks = packs.map(({name, ref, commit}) => ({name, ref, commit}))
  const {signal} = context
  const facts = {processTypes, stack, buildpacks, signal, ...(source.commit === undefined ? {} : {commit: source.commit})}
  return await store(workspace.buildDir, {storeSlug, facts, report})
}

type StoreOptions = {readonly storeSlug: StoreSlug; readonly facts: Parameters<StoreSlug>[1]; readonly report: BuildReport}

async function store(folder: string, {storeSlug, facts, report}: StoreOptions): Promise<BuildResult> {
  report.say(heading('Compressing...'))
  const {slug, reused, warnings} = await report.step('slug', () => storeSlug(folder, facts))
  report.say(body(`Done: ${renderSize(slug.archiveBytes)}`), ...warnings.map(warning))
  return {...resultOf(slug), processTypes: Object.fromEntries(facts.processTypes), buildpacks: facts.buildpacks, reused}
}

function resultOf({id, sizeBytes, archiveBytes, stack, os, arch, libc, createdAt}: StoredSlug) {
  return {slug: id, sizeBytes, archiveBytes, stack, os, arch, libc, createdAt}
}

/** Reads the Procfile that lies in the built app: a buildpack may have written it. */
function discoverTypes(
  buildDir: string,
  defaults: ProcessTypes,
  {language, report}: {language: string; report: BuildReport},
): ProcessTypes {
  const bytes = readAppFile(buildDir, 'Procfile')
  const {types, problems} = readProcfile(bytes ?? new Uint8Array())
  throwStopping('PROCFILE_INVALID', problems)
  report.say(heading('Discovering process types'), ...renderProcessTypes({procfile: types, defaults, language}), '')
  report.say(...warningsAtStart(problems).map(({line, message}) => warning(`Procfile:${line}: ${message}`)))
  const merged = mergeProcessTypes(types, defaults)
  if (merged.size > 0) return merged
  throw new HomeportError(
    'NO_PROCESS_TYPES',
    `The slug has no process type: ${bytes ? 'its Procfile declares none' : 'it has no Procfile'}.`,
    {
      hint: `Write a Procfile: a line such as \`web: COMMAND\`. The buildpack for ${language} has no default for this app.`,
      place: {file: 'Procfile'},
    },
  )
}
