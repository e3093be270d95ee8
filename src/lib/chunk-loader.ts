import type {Script} from 'node:vm'

/** Reads a chunk's source, and V8's code cache for it where there is one. */
export type ChunkStore = {
  source(name: string): string
  codeCache(name: string): Buffer | undefined
}

type ChunkModule = {exports: unknown}
type ChunkFunction = (exports: unknown, require: (id: string) => unknown, module: ChunkModule, filename: string, dirname: string) => void

/**
 * Loads the CommonJS chunks of a bundle that lie inside an executable: `require('./NAME')` is another chunk, anything else is
 * Node's own. With a code cache a chunk is not compiled anew. `scripts` has what was loaded, by name.
 */
export function chunkLoader(store: ChunkStore, nodeRequire: (id: string) => unknown) {
  const modules = new Map<string, ChunkModule>()
  const scripts = new Map<string, Script>()

  function load(name: string): unknown {
    const known = modules.get(name)
    if (known !== undefined) return known.exports
    const module: ChunkModule = {exports: {}}
    modules.set(name, module)
    const script = compileChunk(name, store.source(name), store.codeCache(name))
    scripts.set(name, script)
    const run: ChunkFunction = script.runInThisContext()
    run(module.exports, id => (id.startsWith('./') ? load(id.slice(2)) : nodeRequire(id)), module, process.execPath, '/')
    return module.exports
  }

  return {load, scripts}
}

/** Compiles a chunk, or takes it from the code cache, which must be of the same code in every byte. */
export function compileChunk(name: string, code: string, cachedData: Buffer | undefined): Script {
  const {Script, constants} = process.getBuiltinModule('node:vm')
  // On one line with the code, so that line numbers stay.
  return new Script(`(function (exports, require, module, __filename, __dirname) {${code}\n})`, {
    filename: `homeport:${name}`,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData === undefined ? {} : {cachedData}),
  })
}
