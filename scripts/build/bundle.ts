import {readFileSync} from 'node:fs'
import {basename, dirname} from 'node:path'
import {type OutputChunk, type Plugin, rolldown} from 'rolldown'

export type Chunk = {
  readonly name: string
  readonly code: string
  /** Most of it comes from node_modules. */
  readonly isLibrary: boolean
}

export type BundleOptions = {
  readonly target: 'binary' | 'package'
  /** Everything in one chunk. */
  readonly isOneFile?: boolean
}

/** Modules that run in threads of their own (lib/thread.ts): each is a bundle in one file, named after its module. */
const threads = ['src/engines/slug/slug-thread.ts']

const root = dirname(dirname(import.meta.dirname))

/**
 * Bundles an entry, to CommonJS for the binary and to modules for npm's package, split where the code says `import()`: what a command does not need is not loaded for it. Not
 * minified, since a stack of the binary should be readable; size costs nothing where the code cache spares the parsing.
 */
export async function bundle(entry: string, name: string, {target, isOneFile = false}: BundleOptions): Promise<readonly Chunk[]> {
  const build = await rolldown({
    input: {[name]: `${root}/${entry}`},
    cwd: root,
    platform: 'node',
    transform: {target: 'node24'},
    logLevel: 'warn',
    plugins: [smallPackageJson()],
  })
  const {output} = await build.generate({
    format: target === 'binary' ? 'cjs' : 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    ...(isOneFile ? {codeSplitting: false} : {}),
    comments: false,
    minify: {compress: false, mangle: false, codegen: false},
  })
  await build.close()
  return output.flatMap(part => (part.type === 'chunk' ? [{name: part.fileName, code: part.code, isLibrary: isLibrary(part)}] : []))
}

function isLibrary({modules}: OutputChunk): boolean {
  let balance = 0
  for (const [id, {renderedLength}] of Object.entries(modules)) balance += id.includes('/node_modules/') ? renderedLength : -renderedLength
  return balance > 0
}

/** Of package.json only what the program reads of it. */
function smallPackageJson(): Plugin {
  return {
    name: 'small-package-json',
    load(id) {
      if (id !== `${root}/package.json`) return undefined
      const {name, version, description, oclif} = JSON.parse(readFileSync(id, 'utf8'))
      return JSON.stringify({name, version, description, oclif})
    },
  }
}

/** The bundles of all threads. */
export async function bundleThreads(target: BundleOptions['target']): Promise<readonly Chunk[]> {
  const bundles = await Promise.all(threads.map(entry => bundle(entry, basename(entry, '.ts'), {target, isOneFile: true})))
  return bundles.flat()
}
