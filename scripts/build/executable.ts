import {spawnSync} from 'node:child_process'
import {chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Assets} from './assets.ts'

export type ExecutableOptions = {
  /** The Node that becomes the program. */
  readonly base: string
  /** First script of the program. */
  readonly main: string
  readonly assets: Assets
  /** A folder for what is made on the way. */
  readonly workFolder: string
  readonly output: string
}

/** A single executable application: Node with a script and assets inside. */
export function makeExecutable({base, main, assets, workFolder, output}: ExecutableOptions): void {
  makeBlob(main, assets, workFolder)
  const draft = join(workFolder, 'homeport')
  copyFileSync(base, draft)
  chmodSync(draft, 0o755)
  strip(draft)
  inject(draft, join(workFolder, 'sea.blob'))
  mkdirSync(dirname(output), {recursive: true})
  renameSync(draft, output) // at once, also while the old one runs
}

/** All paths are relative: the blob keeps that of the script. */
function makeBlob(main: string, assets: Assets, folder: string): void {
  rmSync(folder, {recursive: true, force: true})
  mkdirSync(join(folder, 'assets'), {recursive: true})
  const paths: Record<string, string> = {}
  for (const [key, data] of [...assets].sort(([one], [other]) => (one < other ? -1 : 1))) {
    paths[key] = `assets/${key.replaceAll('/', '+')}`
    writeFileSync(join(folder, paths[key]), data)
  }
  writeFileSync(join(folder, 'binary.js'), main)
  const config = {
    main: 'binary.js',
    output: 'sea.blob',
    disableExperimentalSEAWarning: true,
    useCodeCache: false, // only of what compiles at load; the chunks have better ones
    useSnapshot: false,
    execArgvExtension: 'none', // else NODE_OPTIONS of the app's Node would steer ours
    assets: paths,
  }
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(config))
  const {status, stderr} = spawnSync(process.execPath, ['--experimental-sea-config', 'sea.json'], {cwd: folder, encoding: 'utf8'})
  if (status !== 0) throw new Error(`The blob could not be made: ${stderr}`)
}

/** Takes a tenth off the size; a machine without binutils, or with those of another processor, does without. */
function strip(file: string): void {
  const {status} = spawnSync('strip', ['-s', file], {stdio: 'ignore'})
  if (status !== 0) console.log('strip did not work here: the executable keeps its symbols')
}

function inject(executable: string, blob: string): void {
  const tool = fileURLToPath(new URL('../../node_modules/postject/dist/cli.js', import.meta.url))
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2' // a constant of Node's own
  const {status, stderr} = spawnSync(process.execPath, [tool, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The blob could not be put into ${executable}: ${stderr}`)
}
