/**
 * The first script of the single binary, in place of main.ts: small, since it is compiled at each start. All else are chunks
 * among the binary's assets, compiled when it was built (scripts/build.ts).
 */
import {chunkLoader} from './lib/chunk-loader.ts'

declare const require: (id: string) => unknown

const sea = process.getBuiltinModule('node:sea')

const loader = chunkLoader(
  {
    source: name => read(name).toString('utf8'),
    codeCache: name => {
      try {
        return read(`${name}.cache`)
      } catch {
        return undefined // built for another machine
      }
    },
  },
  require,
)
loader.load('main.js')

/** The bytes as they lie in the executable: no copy. */
function read(name: string): Buffer {
  return Buffer.from(sea.getRawAsset(name) as ArrayBuffer)
}
