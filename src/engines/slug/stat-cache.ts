import {createHash} from 'node:crypto'
import {type BigIntStats, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {privateFolder} from '../../lib/private-folder.ts'
import type {SlugStore} from './slug-store.ts'
import type {ObjectId} from './tree-object.ts'

/** What the files of a folder held when they were last read, so that those that did not change since are not read again. */
export type StatCache = {
  /** The content of a file whose size, times and inode are those of back then. */
  contentOf(stats: BigIntStats): ObjectId | undefined
}

const magic = 'HPSTAT1\n'
const headBytes = 16
const rowBytes = 64
/** Folders that are remembered. */
const maxCaches = 20
/**
 * A file that changed so shortly before it was read could change again without another time stamp (clocks of file systems
 * tick 100 times a second), so it is not remembered.
 */
const tickNs = 20_000_000n

/** Undefined when the folder is not known, or what is known of it cannot be read. */
export function readStatCache(store: SlugStore, folder: string): StatCache | undefined {
  const bytes = readOrNothing(cachePath(store, folder))
  if (bytes === undefined || bytes.toString('latin1', 0, 8) !== magic || (bytes.length - headBytes) % rowBytes !== 0) return undefined
  const device = bytes.readBigUInt64LE(8)
  const rows = new Map<bigint, number>()
  for (let at = headBytes; at < bytes.length; at += rowBytes) rows.set(bytes.readBigUInt64LE(at), at)
  return {
    contentOf({dev, ino, size, mtimeNs, ctimeNs}) {
      const at = dev === device ? rows.get(ino) : undefined
      if (at === undefined || bytes.readBigUInt64LE(at + 8) !== size) return undefined
      if (bytes.readBigInt64LE(at + 16) !== mtimeNs || bytes.readBigInt64LE(at + 24) !== ctimeNs) return undefined
      return bytes.toString('latin1', at + 32, at + rowBytes)
    },
  }
}

export type ReadFile = {readonly stats: BigIntStats; readonly content: ObjectId}

/** Remembers files that were read after `readAtMs`. Only a help for later: nothing is lost when it cannot be written. */
export function writeStatCache(store: SlugStore, folder: string, {files, readAtMs}: {files: readonly ReadFile[]; readAtMs: number}): void {
  const [first] = files
  if (first === undefined) return
  const {dev} = first.stats
  const settled = BigInt(Math.floor(readAtMs)) * 1_000_000n - tickNs
  const kept = files.filter(({stats}) => stats.dev === dev && stats.ctimeNs < settled && stats.mtimeNs < settled)
  const bytes = Buffer.allocUnsafe(headBytes + kept.length * rowBytes)
  bytes.write(magic, 0, 'latin1')
  bytes.writeBigUInt64LE(dev, 8)
  for (const [row, {stats, content}] of kept.entries()) {
    const at = headBytes + row * rowBytes
    bytes.writeBigUInt64LE(BigInt.asUintN(64, stats.ino), at)
    bytes.writeBigUInt64LE(stats.size, at + 8)
    bytes.writeBigInt64LE(BigInt.asIntN(64, stats.mtimeNs), at + 16)
    bytes.writeBigInt64LE(BigInt.asIntN(64, stats.ctimeNs), at + 24)
    bytes.write(content, at + 32, 'latin1')
  }
  const path = cachePath(store, folder)
  try {
    privateFolder(statFolder(store))
    writeFileSync(`${path}.${process.pid}`, bytes, {mode: 0o600})
    renameSync(`${path}.${process.pid}`, path)
    forgetOldest(statFolder(store))
  } catch {
    rmSync(`${path}.${process.pid}`, {force: true})
  }
}

function statFolder(store: SlugStore): string {
  return join(store.cacheFolder, 'stats')
}

function cachePath(store: SlugStore, folder: string): string {
  return join(statFolder(store), createHash('sha256').update(folder).digest('hex').slice(0, 32))
}

function forgetOldest(folder: string): void {
  const names = readdirSync(folder)
  if (names.length <= maxCaches) return
  const byAge = names
    .map(name => ({path: join(folder, name), ms: statSync(join(folder, name)).mtimeMs}))
    .sort((one, other) => one.ms - other.ms)
  for (const {path} of byAge.slice(0, names.length - maxCaches)) rmSync(path, {force: true})
}

function readOrNothing(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
