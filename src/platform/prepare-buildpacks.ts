import {join} from 'node:path'
import type {ScriptContext} from '../engines/buildpack/buildpack-scripts.ts'
import {type FetchedBuildpack, type FetchOptions, fetchBuildpack} from '../engines/buildpack/fetch-buildpack.ts'
import {detectShipped} from '../engines/buildpack/run-buildpacks.ts'
import type {Workspace} from '../engines/buildpack/workspace.ts'
import {body, heading, warning} from '../model/build-text.ts'
import {type BuildpackRef, parseBuildpackRef, shippedBuildpacks} from '../model/buildpack.ts'
import {chooseBuildpacks} from '../model/choose-buildpacks.ts'
import {HomeportError} from '../model/error.ts'
import type {BuildOptions} from './build-options.ts'
import type {BuildReport} from './build-report.ts'
import {readAppFile} from './read-app-file.ts'
import {readAppJson} from './read-app-json.ts'

export type PrepareOptions = BuildOptions & {
  /** Where files of the app name folders from. */
  readonly root: string
  readonly workspace: Workspace
  readonly context: Omit<ScriptContext, 'exports'>
  readonly report: BuildReport
}

/** The buildpacks of a build, each in a copy of its own; `detected`: what bin/detect said already. */
export type PreparedBuildpacks = {readonly packs: readonly FetchedBuildpack[]; readonly detected?: readonly string[]}

/** Chooses the buildpacks (cli.md section 7: flags, BUILDPACK_URL, .buildpacks, app.json, project.toml, detection) and fetches them. */
export async function prepareBuildpacks(options: PrepareOptions): Promise<PreparedBuildpacks> {
  const refs = chosenRefs(options)
  if (refs.length === 0) return await detectBuildpack(options)
  const {report} = options
  if (refs.length === 1) report.say(heading(`Using buildpack: ${refs[0]?.text}`))
  else report.say(heading('Using buildpacks:'), ...refs.map(({text}, index) => body(`${index + 1}. ${text}`)))
  const packs: FetchedBuildpack[] = []
  await report.step('buildpacks', async () => {
    for (const [index, ref] of refs.entries()) packs.push(await fetchOne(ref, index, options))
  })
  return {packs}
}

function chosenRefs({wishes, configVars, workspace, report}: PrepareOptions): readonly BuildpackRef[] {
  const text = (name: string) => readAppFile(workspace.buildDir, name)?.toString('utf8')
  const {appJson, warnings} = readAppJson(workspace.buildDir)
  report.say(...warnings.map(({file, line, message}) => warning(`${file}:${line}: ${message}`)))
  const url = configVars.get('BUILDPACK_URL')
  const [dotBuildpacks, projectToml] = [text('.buildpacks'), text('project.toml')]
  const wanted = chooseBuildpacks({
    flags: wishes?.buildpacks ?? [],
    appJson: appJson.buildpacks,
    ...(url === undefined ? {} : {buildpackUrl: url}),
    ...(dotBuildpacks === undefined ? {} : {dotBuildpacks}),
    ...(projectToml === undefined ? {} : {projectToml}),
  })
  return wanted.map(({text: ref, origin}) => parseBuildpackRef(ref, {origin, shipped: shippedBuildpacks}))
}

async function detectBuildpack(options: PrepareOptions): Promise<PreparedBuildpacks> {
  const {context, report} = options
  const family = await fetchOne({kind: 'shipped', name: shippedBuildpacks[0], text: '', origin: {trusted: true}}, 0, options)
  const dir = join(family.dir, '..')
  const found = await report.step('detect', () =>
    detectShipped(shippedBuildpacks, dir, {context: {...context, exports: []}, say: report.say}),
  )
  if (found) return {packs: [{name: found.name, ref: found.name, commit: null, dir: join(dir, found.name)}], detected: [found.language]}
  report.say(
    warning('No default language could be detected for this app.'),
    body('Homeport looks for package.json, requirements.txt or another list of Python packages, pom.xml, go.mod,'),
    body('index.html, bin/compile and a Procfile in the root of the app.'),
    '',
    warning('Push failed'),
  )
  throw new HomeportError('NO_BUILDPACK', 'No buildpack fits this app.', {
    hint: `Write a Procfile, or name a buildpack with --buildpack: ${shippedBuildpacks.join(', ')}, a folder or a git URL.`,
  })
}

async function fetchOne(ref: BuildpackRef, index: number, options: PrepareOptions): Promise<FetchedBuildpack> {
  const {workspace, root, cwd, shippedDir, settings, limits, signal, report} = options
  let open: string | undefined
  const fetchOptions: FetchOptions = {
    into: join(workspace.packsDir, String(index)),
    root,
    cwd,
    shippedDir,
    shellEnv: settings.shellEnv,
    signal,
    limitMs: limits.buildpackFetchMs,
    graceMs: limits.drainMs,
    say: text => {
      if (open !== undefined) report.say(open)
      open = heading(text)
      report.sayBeginning(open)
    },
  }
  const fetched = await fetchBuildpack(ref, fetchOptions).catch((error: unknown) => {
    report.say(...(open === undefined ? [] : [open]), '', warning('Push failed'))
    throw error
  })
  if (open !== undefined) report.say(`${open} done`)
  if (fetched.commit !== null) report.say(body(`${fetched.ref} is at ${fetched.commit}`))
  return fetched
}
