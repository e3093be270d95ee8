import {randomUUID} from 'node:crypto'
import type {BuildRoom} from '../engines/buildpack/build-room.ts'
import type {ScriptContext} from '../engines/buildpack/buildpack-scripts.ts'
import {runBuildpacks} from '../engines/buildpack/run-buildpacks.ts'
import {openWorkspace, type Workspace} from '../engines/buildpack/workspace.ts'
import {buildEnv} from '../model/build-env.ts'
import {body, heading, mergeProcessTypes, renderProcessTypes, renderSize, stackTitle, warning} from '../model/build-text.ts'
import {HomeportError} from '../model/error.ts'
import type {ProcessTypes} from '../model/formation.ts'
import {throwStopping, warningsAtStart} from '../model/problem.ts'
import {readProcfile} from '../model/procfile.ts'
import {buildFolder, lockBuild} from './build-lock.ts'
import type {BuildOptions, BuildResult, StoredSlug, StoreSlug} from './build-options.ts'
import {BuildReport} from './build-report.ts'
import {fetchBuildpacks, pickBuildpacks} from './prepare-buildpacks.ts'
import {readAppFile, realFolder} from './read-app-file.ts'

export const defaultStack = 'heroku-24'

/**
 * Source folder -> buildpacks -> slug in the store (platform.md d.1 to d.5). One build of an app at a time; another waits.
 * Rejects with FLAG_INVALID, NO_BUILDPACK, BUILDPACK_NOT_FOUND, ARCHIVE_REFUSED, BUILD_FAILED, SLUG_TOO_LARGE, NO_PROCESS_TYPES,
 * PROCFILE_INVALID, APP_JSON_INVALID, DISK_FULL; then nothing is kept, neither a slug nor what the build left in its cache.
 */
export async function build(folder: string, options: BuildOptions): Promise<BuildResult> {
  const root = realFolder(folder)
  const report = new BuildReport(options.emit)
  const limit = AbortSignal.timeout(options.limits.buildMs)
  try {
    await using _lock = await lockBuild(root, {...options, say: report.say})
    return await buildLocked(root, {...options, signal: AbortSignal.any([options.signal, limit])}, report)
  } catch (error) {
    report.failed()
    if (limit.aborted && !options.signal.aborted) throw tooSlow(options.limits.buildMs, report)
    throw diskFull(error) ?? error
  }
}

async function buildLocked(root: string, options: BuildOptions, report: BuildReport): Promise<BuildResult> {
  const {wishes = {}, settings, configVars, copySource, openRoom, signal} = options
  const {stack = defaultStack, clearCache = false, commit, network = 'all'} = wishes
  const workDir = options.workDir === undefined ? {} : {workDir: options.workDir}
  await using workspace = await openWorkspace({dir: buildFolder(root, settings), ...workDir, stack, clearCache, configVars})
  report.say(heading(`Building on the ${stackTitle(stack)} stack`))
  const source = await report.step('source', () =>
    copySource(root, {
      to: workspace.buildDir,
      exclude: [settings.cacheDir, settings.stateDir],
      signal,
      ...(commit === undefined ? {} : {commit}),
    }),
  )
  report.say(...source.warnings.map(warning))
  if (source.ignoredFiles > 0) report.say(heading(`Deleting ${source.ignoredFiles} files matching .slugignore patterns.`))

  // Fetched before the room is made: what lies in its folders then is given to the user who builds.
  const fetched = await fetchBuildpacks({...options, root: commit === undefined ? root : workspace.buildDir, workspace, report})
  await using room = await openRoom({views: viewsOf(workspace), network, dir: workspace.dir})
  await using _leftovers = {[Symbol.asyncDispose]: () => room.endAll()}
  const context = scriptContext(workspace, room, {...options, stack, commit: source.commit, report})
  const {packs, detected} = await pickBuildpacks(fetched, {context, report})
  const run = {context, say: report.say, onStep: report.onStep, detected}
  const {language, release} = await runBuildpacks(packs, run)
  // Some buildpacks say so themselves.
  if (report.lastLine !== heading('Build succeeded!')) report.say(heading('Build succeeded!'))
  const processTypes = discoverTypes(workspace.buildDir, release.defaultProcessTypes, {language, report})

  const buildpacks = packs.map(({name, ref, commit: resolved}) => ({name, ref, commit: resolved}))
  const facts = {processTypes, stack, buildpacks, signal, ...(source.commit === undefined ? {} : {commit: source.commit})}
  const result = await store(workspace.buildDir, {storeSlug: options.storeSlug, facts, report})
  await workspace.keepCache()
  return result
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

/** The paths at which builds find their folders on the platform, where a tier can show them there; fixed, so that they may get into files. */
function viewsOf({buildDir, cacheDir, envDir, packsDir}: Workspace) {
  return [
    {source: buildDir, target: '/tmp/build_homeport', isWritable: true},
    {source: cacheDir, target: '/tmp/codon/tmp/cache', isWritable: true},
    {source: packsDir, target: '/tmp/codon/tmp/buildpacks', isWritable: true},
    {source: envDir, target: '/tmp/codon/tmp/env', isWritable: true},
  ]
}

function scriptContext(
  {buildDir, cacheDir, envDir}: Workspace,
  room: BuildRoom,
  {settings, limits, signal, stack, commit, report}: BuildOptions & {stack: string; commit: string | undefined; report: BuildReport},
): Omit<ScriptContext, 'exports'> {
  const env = buildEnv({shellEnv: settings.shellEnv, stack, sourceVersion: commit ?? '', requestId: randomUUID()})
  return {buildDir, cacheDir, envDir, env, room, signal, graceMs: limits.drainMs, onLines: report.onLines}
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

function tooSlow(limitMs: number, report: BuildReport): HomeportError {
  const minutes = limitMs >= 60_000 ? `${Math.round(limitMs / 60_000)} minutes` : `${limitMs / 1000} seconds`
  report.say(warning(`Push rejected, the build took longer than ${minutes}.`), '', warning('Push failed'))
  return new HomeportError('BUILD_FAILED', `The build took longer than ${minutes} and was ended.`, {
    hint: 'The last lines above say what it was at.',
  })
}

function diskFull(error: unknown): HomeportError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined
  return new HomeportError('DISK_FULL', 'The disk is full, so the build was given up; nothing of it is kept.', {
    hint: 'Make room: `homeport slugs:prune` removes slugs that nothing needs.',
    cause: error,
  })
}
