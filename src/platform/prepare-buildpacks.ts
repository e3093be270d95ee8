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

export type FetchBuildpacksOptions = BuildOptions & {
  /** Where files of the app name folders from. */
  readonly root: string
  readonly workspace: Workspace
  readonly report: BuildReport
}

/** The buildpacks that somebody chose, each in a copy of its own; or the whole family of the shipped ones, of which one will be. */
export type FetchedBuildpacks = {readonly packs: readonly FetchedBuildpack[]} | {readonly familyDir: string}

/** Chooses the buildpacks (cli.md section 7: flags, BUILDPACK_URL, .buildpacks, app.json, project.toml, detection) and fetches them. */
export async function fetchBuildpacks(options: FetchBuildpacksOptions): Promise<FetchedBuildpacks> {
  const {report} = options
  const refs = chosenRefs(options)
  if (refs.length === 0) {
    const one = await fetchOne({kind: 'shipped', name: shippedBuildpacks[0], text: '', origin: {trusted: true}}, 0, options)
    return {familyDir: join(one.dir, '..')}
  }
  if (refs.length === 1) report.say(heading(`Using buildpack: ${refs[0]?.text}`))
  else report.say(heading('Using buildpacks:'), ...refs.map(({text}, index) => body(`${index + 1}. ${text}`)))
  for (const ref of refs)
    if (ref.kind === 'shipped' && ref.text !== ref.name) report.say(body(`Homeport’s own ${ref.name} stands in for ${ref.text}`))
  const packs: FetchedBuildpack[] = []
  await report.step('buildpacks', async () => {
    for (const [index, ref] of refs.entries()) packs.push(await fetchOne(ref, index, options))
  })
  return {packs}
}

export type PickedBuildpacks = {
  readonly packs: readonly FetchedBuildpack[]
  /** What bin/detect said already, by index. */
  readonly detected: readonly string[]
}

/** Those that run: the chosen ones, else the first of the shipped ones that fits. Throws NO_BUILDPACK. */
export async function pickBuildpacks(
  fetched: FetchedBuildpacks,
  {context, report}: {readonly context: Omit<ScriptContext, 'exports'>; readonly report: BuildReport},
): Promise<PickedBuildpacks> {
  if ('packs' in fetched) return {packs: fetched.packs, detected: []}
  const {familyDir} = fetched
  const found = await report.step('detect', () =>
    detectShipped(shippedBuildpacks, familyDir, {context: {...context, exports: []}, say: report.say}),
  )
  if (found === undefined) throw nothingFits(report)
  return {packs: [{name: found.name, ref: found.name, commit: null, dir: join(familyDir, found.name)}], detected: [found.language]}
}

function nothingFits(report: BuildReport): HomeportError {
  report.say(
    warning('No default language could be detected for this app.'),
    body('Homeport looks for package.json, requirements.txt or another list of Python packages, pom.xml, go.mod,'),
    body('index.html, bin/compile and a Procfile in the root of the app.'),
    '',
    warning('Push failed'),
  )
  return new HomeportError('NO_BUILDPACK', 'No buildpack fits this app.', {
    hint: `Write a Procfile, or name a buildpack with --buildpack: ${shippedBuildpacks.join(', ')}, a folder or a git URL.`,
  })
}

function chosenRefs({wishes, configVars, workspace, report}: FetchBuildpacksOptions): readonly BuildpackRef[] {
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

async function fetchOne(ref: BuildpackRef, index: number, options: FetchBuildpacksOptions): Promise<FetchedBuildpack> {
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
