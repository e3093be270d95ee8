import {join} from 'node:path'
import {body, heading, warning} from '../../model/build-text.ts'
import {languageBuildpacks} from '../../model/buildpack.ts'
import {HomeportError} from '../../model/error.ts'
import type {ReleaseOutput} from '../../model/release-output.ts'
import {compile, detect, exportOf, has, release, report, type ScriptContext} from './buildpack-scripts.ts'
import type {FetchedBuildpack} from './fetch-buildpack.ts'

/** Tells lines of the platform's own. */
export type Say = (...lines: readonly string[]) => void

export type Outcome = {
  /** What `bin/detect` of the last buildpack called the app: `Node.js`. */
  readonly language: string
  /** Of the last buildpack; the others' do not count (platform.md d.3). */
  readonly release: ReleaseOutput
  /** The `export` files of all of them, in order. */
  readonly exports: readonly string[]
}

export type RunOptions = {
  readonly context: Omit<ScriptContext, 'exports'>
  readonly say: Say
  /** What each detect said already, by index; the others are asked. */
  readonly detected?: readonly string[]
  /** For tests: `bin/test-compile` in the place of `bin/compile`, where a buildpack has it. */
  readonly isForTests?: boolean
  readonly onStep: (name: string, status: 'started' | 'done' | 'failed', detail?: string) => void
}

/**
 * Runs buildpacks one after the other: detect, compile, then `bin/report`; at the end `bin/release` of the last. Every one
 * must fit. Throws NO_BUILDPACK when one does not, BUILD_FAILED when one fails.
 */
export async function runBuildpacks(
  packs: readonly FetchedBuildpack[],
  {context, say, detected, isForTests = false, onStep}: RunOptions,
): Promise<Outcome> {
  const exports: string[] = []
  let outcome: Outcome | undefined
  for (const [index, pack] of packs.entries()) {
    const scripts = {...context, exports: [...exports]}
    const language = detected?.[index] ?? (await detect(pack, scripts))
    if (language === undefined) throw incompatible(pack, say)
    say(heading(`${language} app detected`))
    onStep(`compile ${pack.name}`, 'started', language)
    const script = isForTests && (await has(pack, 'test-compile')) ? 'test-compile' : 'compile'
    await compile(pack, scripts, script).catch((error: unknown) => {
      onStep(`compile ${pack.name}`, 'failed', language)
      if (error instanceof HomeportError) say(warning(`Push rejected, failed to compile ${language} app.`), '', warning('Push failed'))
      throw error
    })
    onStep(`compile ${pack.name}`, 'done', (await report(pack, scripts)).trim() || language)
    const written = await exportOf(pack)
    if (written !== undefined) exports.push(written)
    if (index === packs.length - 1) outcome = {language, release: await release(pack, {...scripts, exports: [...exports]}), exports}
  }
  if (!outcome) throw new Error('no buildpack to run')
  return outcome
}

export type Detection = {readonly name: string; readonly language: string}

/**
 * Asks the shipped buildpacks (their family lies in `dir`) in `order`; the first that fits is used. The others are asked too,
 * since the platform warns when several languages fit. Undefined when none fits.
 */
export async function detectShipped(
  order: readonly string[],
  dir: string,
  {context, say}: {readonly context: ScriptContext; readonly say: Say},
): Promise<Detection | undefined> {
  const found: Detection[] = []
  for (const name of order) {
    if (found.length > 0 && !languageBuildpacks.has(name)) break
    const language = await detect({name, ref: name, commit: null, dir: join(dir, name)}, context)
    if (language !== undefined) found.push({name, language})
  }
  if (found.length > 1) {
    say(
      heading(
        'Warning: Multiple default buildpacks reported the ability to handle this app. The first buildpack in the list below will be used.',
      ),
      body(`Detected buildpacks: ${found.map(({language}) => language).join(',')}`),
    )
  }
  return found[0]
}

function incompatible(pack: FetchedBuildpack, say: Say): HomeportError {
  say(heading(`App not compatible with buildpack: ${pack.ref}`), '', warning('Push failed'))
  return new HomeportError('NO_BUILDPACK', `The buildpack ${pack.ref} does not fit this app: its bin/detect said no.`, {
    hint: 'Every buildpack that is named must fit. Leave --buildpack out to let Homeport choose.',
  })
}
