import {readFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {type OutputChunk, type Plugin, rolldown} from 'rolldown'

export type Chunk = {
  readonly name: string
  readonly code: string
  /** Most of it comes from node_modules. */
  readonly isLibrary: boolean
}

const root = dirname(dirname(import.meta.dirname))

/**
 * Bundles an entry, to CommonJS for the binary and to modules for npm's package, split where the code says `import()`: what a command does not need is not loaded for it. Not
 * minified, since a stack of the binary should be readable; size costs nothing where the code cache spares the parsing.
 */
export async function bundle(entry: string, name: string, {target}: {readonly target: 'binary' | 'package'}): Promise<readonly Chunk[]> {
  const plugins = [smallPackageJson(), ...(target === 'binary' ? [addonFromBinary()] : [])]
  const build = await rolldown({
    input: {[name]: `${root}/${entry}`},
    cwd: root,
    platform: 'node',
    transform: {target: 'node24'},
    logLevel: 'warn',
    plugins,
    ...(target === 'binary' ? {} : {external: [/^@lydell\/node-pty/]}),
  })
  const {output} = await build.generate({
    format: target === 'binary' ? 'cjs' : 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
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

/** node-pty finds its addon among packages; in the binary ours lays it out first. */
function addonFromBinary(): Plugin {
  return {
    name: 'addon-from-binary',
    resolveId(id, importer) {
      return /\/requireBinary(\.js)?$/.test(id) && importer?.includes('/@lydell/node-pty/') ? `${root}/src/lib/native-addon.ts` : undefined
    },
  }
}
