import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, renameSync, rmSync, type Stats, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {privateFolder} from '../../lib/private-folder.ts'
import type {SlugStore} from './slug-store.ts'
import type {ObjectId} from './tree-object.ts'

/** What tells a file from one that was changed or put in its place. Times are precise to a quarter of a microsecond. */
export type FileStamp = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>

/** What the files of a folder held when they were last read, so that those that did not change since are not read again. */
export type StatCache = {
  /** The content of a file whose size, times and inode are those of back then. */
  contentOf(stamp: FileStamp): ObjectId | undefined
}

const magic = 'HPSTAT2\n'
const headBytes = 16
const rowBytes = 64
/** Folders that are remembered. */
const maxCaches = 20
/**
 * A file that changed so shortly before it was read could change again without another time stamp (clocks of file systems
 * tick 100 times a second), so it is not remembered.
 */
const tickMs = 20

/** Undefined when the folder is not known, or what is known of it cannot be read. */
export function readStatCache(store: SlugStore, folder: string): StatCache | undefined {
  const bytes = readOrNothing(cachePath(store, folder))
  if (bytes === undefined || bytes.toString('latin1', 0, 8) !== magic || (bytes.length - headBytes) % rowBytes !== 0) return undefined
  const device = bytes.readDoubleLE(8)
  const rows = new Map<number, number>()
  for (let at = headBytes; at < bytes.length; at += rowBytes) rows.set(bytes.readDoubleLE(at), at)
  return {
    contentOf({dev, ino, size, mtimeMs, ctimeMs}) {
      const at = dev === device ? rows.get(ino) : undefined
      if (at === undefined || bytes.readDoubleLE(at + 8) !== size) return undefined
      if (bytes.readDoubleLE(at + 16) !== mtimeMs || bytes.readDoubleLE(at + 24) !== ctimeMs) return undefined
      return bytes.toString('latin1', at + 32, at + rowBytes)
    },
  }
}

export type ReadFile = {readonly stamp: FileStamp; readonly content: ObjectId}

/** Remembers files that were read after `readAtMs`. Only a help for later: nothing is lost when it cannot be written. */
export function writeStatCache(store: SlugStore, folder: string, {files, readAtMs}: {files: readonly ReadFile[]; readAtMs: number}): void {
  const [first] = files
  if (first === undefined) return
  const {dev} = first.stamp
  const kept = files.filter(({stamp}) => stamp.dev === dev && isSettled(stamp, readAtMs))
  const bytes = Buffer.allocUnsafe(headBytes + kept.length * rowBytes)
  bytes.write(magic, 0, 'latin1')
  bytes.writeDoubleLE(dev, 8)
  for (const [row, {stamp, content}] of kept.entries()) {
    const at = headBytes + row * rowBytes
    bytes.writeDoubleLE(stamp.ino, at)
    bytes.writeDoubleLE(stamp.size, at + 8)
    bytes.writeDoubleLE(stamp.mtimeMs, at + 16)
    bytes.writeDoubleLE(stamp.ctimeMs, at + 24)
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

/** Some file systems number their files beyond what a number holds: two of them could look like one. */
function isSettled({ino, mtimeMs, ctimeMs}: FileStamp, readAtMs: number): boolean {
  return Number.isSafeInteger(ino) && Math.max(mtimeMs, ctimeMs) < readAtMs - tickMs
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
