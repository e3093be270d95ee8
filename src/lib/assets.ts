import {fileURLToPath} from 'node:url'
import {zstdDecompressSync} from 'node:zlib'
import {layOut} from './lay-out.ts'
import {type TreeFile, unpackTree} from './packed-tree.ts'

/** The root of a checkout or package; as far up from the sources as from the bundle of a package. */
const root = new URL('../../', import.meta.url)

/** Whether this program is the single binary, which has all its files inside. */
export function isBinary(): boolean {
  return process.getBuiltinModule('node:sea').isSea()
}

/**
 * The path of a folder that travels with the program, such as `buildpacks`. The binary lays it out in the first usable one of
 * `cacheFolders`; a checkout has it where it is.
 */
export function assetFolder(name: string, cacheFolders: readonly string[]): string {
  if (!isBinary()) return fileURLToPath(new URL(name, root))
  return layOut(readTree(name), {folders: cacheFolders, name: contentName(name)})
}

/** Loads a native addon that travels in the binary as a tree with one file, as `require` would. */
export function loadAddon(name: string, file: string, cacheFolders: readonly string[]): unknown {
  const module = {exports: {}}
  layOut(readTree(name), {
    folders: cacheFolders,
    name: contentName(name),
    tryOut: path => process.dlopen(module, `${path}/${file}`),
  })
  return module.exports
}

/** scripts/build.ts packs trees under these keys. */
export const treeKey = (name: string): string => `tree/${name}`
export const hashKey = (name: string): string => `hash/${name}`

function readTree(name: string): readonly TreeFile[] {
  const {getRawAsset} = process.getBuiltinModule('node:sea')
  return unpackTree(zstdDecompressSync(new Uint8Array(getRawAsset(treeKey(name)))))
}

function contentName(name: string): string {
  const hash = process.getBuiltinModule('node:sea').getAsset(hashKey(name), 'utf8')
  return `${name.replaceAll('/', '-')}-${hash.slice(0, 16)}`
}
