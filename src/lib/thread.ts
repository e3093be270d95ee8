import {existsSync} from 'node:fs'
import {basename} from 'node:path'
import {Worker, type WorkerOptions} from 'node:worker_threads'

/**
 * Starts a module in a thread of its own; undefined where this program came without it. In a package, and in the single binary,
 * which has no files, it is a bundle of the same name with the ending `.js` (scripts/build/bundle.ts).
 */
export function startThread(module: URL, options: WorkerOptions): Worker | undefined {
  const {isSea, getAsset} = process.getBuiltinModule('node:sea')
  const bundled = basename(module.pathname).replace(/\.ts$/, '.js')
  if (!isSea()) {
    const file = [module, new URL(bundled, module)].find(candidate => existsSync(candidate))
    return file === undefined ? undefined : new Worker(file, options)
  }
  try {
    return new Worker(getAsset(bundled, 'utf8'), {...options, eval: true})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND') return undefined
    throw error
  }
}
