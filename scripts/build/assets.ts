import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, statSync} from 'node:fs'
import {constants, zstdCompressSync} from 'node:zlib'
import {hashKey, treeKey} from '../../src/lib/assets.ts'
import {packTree, type TreeFile} from '../../src/lib/packed-tree.ts'

export type Assets = ReadonlyMap<string, Uint8Array | string>

/** A tree as two assets: its files, packed, and the hash that names what is laid out of it. The same bytes for the same files. */
export function treeAssets(name: string, files: readonly TreeFile[]): Assets {
  const packed = packTree(files)
  const data = zstdCompressSync(packed, {params: {[constants.ZSTD_c_compressionLevel]: 19}})
  return new Map<string, Uint8Array | string>([
    [treeKey(name), data],
    [hashKey(name), createHash('sha256').update(packed).digest('hex')],
  ])
}

/** The files below a folder; nothing that an install or a run of a fixture left there. */
export function readTree(folder: string): readonly TreeFile[] {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'})
  return names
    .filter(name => !/(^|\/)(node_modules|__pycache__|\.DS_Store)(\/|$)/.test(name))
    .map(name => ({name, stats: statSync(`${folder}/${name}`)}))
    .filter(({stats}) => stats.isFile())
    .map(({name, stats}) => ({path: name, isExecutable: (stats.mode & 0o100) !== 0, data: readFileSync(`${folder}/${name}`)}))
}
