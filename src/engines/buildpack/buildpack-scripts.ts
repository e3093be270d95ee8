import {chmod, open, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {HomeportError} from '../../model/error.ts'
import {type ReleaseOutput, readReleaseOutput} from '../../model/release-output.ts'
import type {BuildRoom} from './build-room.ts'
import type {FetchedBuildpack} from './fetch-buildpack.ts'
import type {OnLines} from './line-cutter.ts'
import {runScript, type ScriptEnd} from './run-script.ts'

/** Names of the scripts of a buildpack (platform.md d.3). */
export type ScriptName = 'detect' | 'compile' | 'release' | 'report' | 'test' | 'test-compile'

/** What every script of a build shares. */
export type ScriptContext = {
  readonly buildDir: string
  readonly cacheDir: string
  readonly envDir: string
  readonly env: Readonly<Record<string, string>>
  /** `export` files of the buildpacks that ran before, in order. */
  readonly exports: readonly string[]
  readonly room: Pick<BuildRoom, 'pathInside' | 'wrap'>
  readonly signal: AbortSignal
  readonly graceMs: number
  readonly onLines: OnLines
}

const captureBytes = 1024 * 1024

/** Runs `bin/detect`: the name that it prints when the buildpack fits, undefined when it does not. */
export async function detect(buildpack: FetchedBuildpack, context: ScriptContext): Promise<string | undefined> {
  const end = await run(buildpack, 'detect', [context.buildDir], context, true)
  if (end.exitCode !== 0) return undefined
  return end.stdout.trim().split('\n')[0]?.trim() || buildpack.name
}

/** Runs `bin/compile`, or `bin/test-compile` for tests. Throws BUILD_FAILED with its exit code. */
export async function compile(
  buildpack: FetchedBuildpack,
  context: ScriptContext,
  name: 'compile' | 'test-compile' = 'compile',
): Promise<void> {
  const {exitCode} = await run(buildpack, name, [context.buildDir, context.cacheDir, context.envDir], context, false)
  if (exitCode === 0) return
  throw new HomeportError('BUILD_FAILED', `bin/${name} of the buildpack ${buildpack.name} ended with ${exitCode}.`, {
    hint: 'Its output above says why.',
  })
}

/** Runs `bin/release`, which may be missing. */
export async function release(buildpack: FetchedBuildpack, context: ScriptContext): Promise<ReleaseOutput> {
  if (!(await has(buildpack, 'release'))) return readReleaseOutput('', buildpack.name)
  const end = await run(buildpack, 'release', [context.buildDir], context, true)
  if (end.exitCode === 0) return readReleaseOutput(end.stdout, buildpack.name)
  throw new HomeportError('BUILD_FAILED', `bin/release of the buildpack ${buildpack.name} ended with ${end.exitCode}.`)
}

/** Runs `bin/report`, which may be missing: what it prints for telemetry. That it fails is no failure of the build. */
export async function report(buildpack: FetchedBuildpack, context: ScriptContext): Promise<string> {
  if (!(await has(buildpack, 'report'))) return ''
  const end = await run(buildpack, 'report', [context.buildDir, context.cacheDir, context.envDir], context, true)
  return end.exitCode === 0 ? end.stdout : ''
}

/** Runs `bin/test` on what `test-compile` made; its exit status is the result of the tests. */
export async function test(buildpack: FetchedBuildpack, context: ScriptContext): Promise<number> {
  return (await run(buildpack, 'test', [context.buildDir, context.envDir], context, false)).exitCode
}

/**
 * Runs a shell command of the app in its built folder, with its profile scripts, as Heroku CI runs `test-setup` and `test` of
 * app.json (platform.md e.8). Returns its exit status.
 */
export async function runAppScript(command: string, context: ScriptContext): Promise<number> {
  const {room, signal, graceMs, onLines} = context
  const workingFolder = room.pathInside(context.buildDir)
  const profile = 'HOME=$PWD; for file in .profile.d/*.sh; do if [ -f "$file" ]; then . "$file"; fi; done; eval "$1"'
  const argv = shellCommand(['bash', '-c', profile, 'bash', command], {exports: context.exports.map(room.pathInside), merges: true})
  const end = await runScript(room.wrap({argv, env: context.env, workingFolder}), {signal, graceMs, onLines})
  return end.exitCode
}

/** Whether the buildpack has that script. */
export async function has(buildpack: FetchedBuildpack, name: ScriptName): Promise<boolean> {
  return stat(join(buildpack.dir, 'bin', name)).then(
    found => found.isFile(),
    () => false,
  )
}

/** Path of the file that a buildpack may write for those that follow it. */
export async function exportOf(buildpack: FetchedBuildpack): Promise<string | undefined> {
  const file = join(buildpack.dir, 'export')
  return stat(file).then(
    found => (found.isFile() ? file : undefined),
    () => undefined,
  )
}

/** The working directory is the buildpack's own folder (findings 5.1, rule 4). */
async function run(
  buildpack: FetchedBuildpack,
  name: ScriptName,
  args: readonly string[],
  context: ScriptContext,
  captures: boolean,
): Promise<ScriptEnd> {
  const {room, signal, graceMs, onLines} = context
  const script = await executable(join(buildpack.dir, 'bin', name))
  const argv = [...script, ...args].map(room.pathInside)
  const exports = context.exports.map(room.pathInside)
  const command = room.wrap({
    argv: shellCommand(argv, {exports, merges: !captures}),
    env: context.env,
    workingFolder: room.pathInside(buildpack.dir),
  })
  return runScript(command, {signal, graceMs, onLines, ...(captures ? {captureBytes} : {})})
}

/** The argv for a script: with its run bit set, and by bash when it says neither by a shebang nor by its format what runs it. */
async function executable(path: string): Promise<readonly string[]> {
  const {mode} = await stat(path)
  if ((mode & 0o111) === 0) await chmod(path, 0o755)
  await using file = await open(path)
  const {buffer} = await file.read({buffer: Buffer.alloc(4), length: 4, position: 0})
  const isScript = buffer.subarray(0, 2).toString('latin1') === '#!'
  const isBinary = ['7f454c46', 'cffaedfe', 'cafebabe'].includes(buffer.toString('hex'))
  return isScript || isBinary ? [path] : ['bash', path]
}

/** `argv` behind a shell that sources the exports first, and that lets stderr go the way of stdout when `merges`. */
export function shellCommand(argv: readonly string[], {exports, merges}: {exports: readonly string[]; merges: boolean}): readonly string[] {
  const exec = `exec "$@"${merges ? ' 2>&1' : ''}`
  if (exports.length === 0) return ['/bin/sh', '-c', exec, 'sh', ...argv]
  return ['bash', '-c', `while [ "$1" != -- ]; do . "$1"; shift; done; shift; ${exec}`, 'bash', ...exports, '--', ...argv]
}
