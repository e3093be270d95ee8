import {randomUUID} from 'node:crypto'
import type {BuildRoom} from '../engines/buildpack/build-room.ts'
import type {ScriptContext} from '../engines/buildpack/buildpack-scripts.ts'
import {openWorkspace, type Workspace} from '../engines/buildpack/workspace.ts'
import {buildEnv} from '../model/build-env.ts'
import {heading, stackTitle, warning} from '../model/build-text.ts'
import {HomeportError} from '../model/error.ts'
import {buildFolder, lockBuild} from './build-lock.ts'
import type {BuildOptions, CopiedSource} from './build-options.ts'
import {BuildReport} from './build-report.ts'
import {fetchBuildpacks, type PickedBuildpacks, pickBuildpacks} from './prepare-buildpacks.ts'
import {realFolder} from './read-app-file.ts'

const defaultStack = 'heroku-24'

/** Where buildpacks work: the source is there, they are chosen, and one after the other may run. */
export type BuildSite = PickedBuildpacks & {
  readonly workspace: Workspace
  readonly source: CopiedSource
  readonly stack: string
  readonly context: Omit<ScriptContext, 'exports'>
  readonly report: BuildReport
}

/**
 * Does `work` where the app in `folder` is built, with the limits of a build (platform.md d.1): one at a time for each app,
 * another waits; not longer than `limits.buildMs`; what runs and lies there goes with it. Its cache is kept when `work` succeeds.
 * Rejects with FLAG_INVALID, NO_BUILDPACK, BUILDPACK_NOT_FOUND, ARCHIVE_REFUSED, BUILD_FAILED, DISK_FULL, and as `work` does.
 */
export async function atBuildSite<Value>(folder: string, options: BuildOptions, work: (site: BuildSite) => Promise<Value>): Promise<Value> {
  const root = realFolder(folder)
  const report = new BuildReport(options.emit)
  using _lock = await lockBuild(root, {...options, say: report.say})
  const limit = AbortSignal.timeout(options.limits.buildMs)
  try {
    return await openSite(root, {...options, signal: AbortSignal.any([options.signal, limit]), report}, work)
  } catch (error) {
    report.failed()
    if (limit.aborted && !options.signal.aborted) throw tooSlow(options.limits.buildMs, report)
    const reason = diskFull(error) ?? error
    if (reason instanceof HomeportError) sayFailed(reason, report)
    throw reason
  }
}

type SiteOptions = BuildOptions & {readonly report: BuildReport}

async function openSite<Value>(root: string, options: SiteOptions, work: (site: BuildSite) => Promise<Value>): Promise<Value> {
  const {wishes = {}, settings, configVars, copySource, openRoom, signal, report} = options
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
  const fetched = await fetchBuildpacks({...options, root: commit === undefined ? root : workspace.buildDir, workspace})
  await using room = await openRoom({views: viewsOf(workspace), network, dir: workspace.dir})
  await using _leftovers = {[Symbol.asyncDispose]: () => room.endAll()}
  const context = scriptContext(workspace, room, {...options, stack, commit: source.commit})
  const picked = await pickBuildpacks(fetched, {context, report})
  const value = await work({...picked, workspace, source, stack, context, report})
  await workspace.keepCache()
  return value
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
  {settings, limits, signal, stack, commit, report}: SiteOptions & {readonly stack: string; readonly commit: string | undefined},
): Omit<ScriptContext, 'exports'> {
  const env = buildEnv({shellEnv: settings.shellEnv, stack, sourceVersion: commit ?? '', requestId: randomUUID()})
  return {buildDir, cacheDir, envDir, env, room, signal, graceMs: limits.drainMs, onLines: report.onLines}
}

/** The last lines of a build that failed, unless whoever knew more said them already. */
function sayFailed({code, message}: HomeportError, report: BuildReport): void {
  if (report.lastLine === warning('Push failed')) return
  report.say(...(code === 'SLUG_TOO_LARGE' ? [warning(message)] : []), '', warning('Push failed'))
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
