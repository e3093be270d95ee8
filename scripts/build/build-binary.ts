import {readFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {type Assets, readTree, treeAssets} from './assets.ts'
import {hostPlatform, platformPackage} from './base-node.ts'
import {bundle, bundleThreads} from './bundle.ts'
import {codeCaches} from './code-cache.ts'
import {makeExecutable} from './executable.ts'

export type BinaryOptions = {
  /** `linux-x64`; the code cache is left out for any other than this machine's. */
  readonly platform: string
  readonly output: string
  /** A folder for what is made on the way. */
  readonly workFolder: string
  /** For tests: another program with the same files inside, and without a code cache. */
  readonly entry?: string
}

const root = dirname(dirname(import.meta.dirname))

/** The single binary: Node, the program in chunks with their code caches, and the files that travel with it. */
export async function buildBinary({platform, output, workFolder, entry}: BinaryOptions): Promise<void> {
  const chunks = await bundle(entry ?? 'src/main.ts', 'main', {target: 'binary'})
  const [first] = await bundle('src/binary.ts', 'binary', {target: 'binary'})
  if (first === undefined) throw new Error('The first script is missing')
  const assets: Assets = new Map([
    ...[...chunks, ...(await bundleThreads('binary'))].map(({name, code}) => [name, code] as const),
    ...(platform === hostPlatform && entry === undefined ? codeCaches(chunks, `${workFolder}/code-cache`) : []),
    ...travellingFiles(platform),
  ])
  const base = `${platformPackage(`node-${platform}`, `node-${hostPlatform}`)}/bin/node`
  makeExecutable({base, main: first.code, assets, workFolder: `${workFolder}/executable`, output})
}

/** By the names under which lib/assets.ts is asked for them. */
function travellingFiles(platform: string): Assets {
  const pty = readFileSync(`${platformPackage(`@lydell/node-pty-${platform}`, '@lydell/node-pty')}/pty.node`)
  return new Map([
    ...treeAssets('pty', [{path: 'pty.node', isExecutable: false, data: pty}]),
    ...treeAssets('buildpacks', readTree(`${root}/buildpacks`)),
  ])
}
