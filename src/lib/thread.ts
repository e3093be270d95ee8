import {existsSync} from 'node:fs'
import {basename} from 'node:path'
import {Worker, type WorkerOptions} from 'node:worker_threads'

/**
 * Starts a module in a thread of its own; undefined where this program came without it. In the single binary, which has no
 * files, it is the asset of that name with the ending `.js` (scripts/build).
 */
export function startThread(module: URL, options: WorkerOptions): Worker | undefined {
  const {isSea, getAsset} = process.getBuiltinModule('node:sea')
  if (!isSea()) return existsSync(module) ? new Worker(module, options) : undefined
  try {
    return new Worker(getAsset(basename(module.pathname).replace(/\.ts$/, '.js'), 'utf8'), {...options, eval: true})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND') return undefined
    throw error
  }
}
