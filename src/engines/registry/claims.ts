import {readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pointerFile} from '../../lib/socket-path.ts'
import {type RunningEntry, readJson} from './running-entry.ts'

/** The process that wrote a claim down, to say that it wants a folder. */
export type Claim = {readonly pid: number; readonly startTime: string; readonly realm: string}

export type FoundClaim = Claim & {
  /** A name that no other claim ever has; all files that belong to a claim begin with it. */
  readonly id: string
  /** Its process looked, and found no other claim: the folder is its own. */
  readonly isHeld: boolean
  /** What it tells about its app, once it can be talked to. */
  readonly entry: RunningEntry | undefined
}

/**
 * The files of a claim. Each claim has its own, under a name that is never used again, and none is ever changed: so whoever
 * finds the claim of a dead process may remove its files at any moment, and can remove nothing that is alive.
 */
export function claimFiles(folder: string, id: string) {
  const file = (suffix: string) => join(folder, `${id}${suffix}`)
  return {claim: file('.claim'), held: file('.held'), entry: file('.app'), socket: file('.sock')}
}

/** Writes a claim, whole, and gives its id. Throws ENOENT when the folder was removed meanwhile. */
export function writeClaim(folder: string, claim: Claim): string {
  const id = Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0')
  writeWhole(claimFiles(folder, id).claim, JSON.stringify(claim))
  return id
}

/** Says that the folder is held, beside the claim: the claim itself must never be out of sight for a moment. */
export function markHeld(folder: string, id: string): void {
  writeFileSync(claimFiles(folder, id).held, '', {mode: 0o600})
}

export function writeEntry(folder: string, id: string, entry: RunningEntry): void {
  writeWhole(claimFiles(folder, id).entry, JSON.stringify(entry))
}

/** All claims on a folder. One that was there before this call and is still there after it is among them. */
export function readClaims(folder: string): readonly FoundClaim[] {
  const names = new Set(readdirSync(folder))
  return [...names].flatMap(name => {
    const id = /^(.*)\.claim$/.exec(name)?.[1]
    if (id === undefined) return []
    const {claim, entry} = claimFiles(folder, id)
    const found = readJson<Claim>(claim)
    if (found === undefined) return [] // withdrawn meanwhile
    return [{...found, id, isHeld: names.has(`${id}.held`), entry: readJson<RunningEntry>(entry)}]
  })
}

/** Removes a claim with all that belongs to it, and the folder when nothing is left in it. */
export function removeClaim(folder: string, id: string): void {
  const {claim, held, entry, socket} = claimFiles(folder, id)
  const pointer = pointerFile(socket)
  const placed = readJson<RunningEntry>(entry)?.socket ?? readText(pointer)
  for (const path of [placed, socket, pointer, entry, held, claim]) if (path !== undefined) rmSync(path, {force: true})
  try {
    rmdirSync(folder)
  } catch {
    // Another claim is there, or files of others.
  }
}

/** What processes left that were killed while they wrote a file. */
export function removeHalfFiles(folder: string): void {
  const oldestMs = Date.now() - 60_000
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (name.endsWith('.new') && (statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? oldestMs) < oldestMs) rmSync(file, {force: true})
  }
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, {mode: 0o600})
  renameSync(`${file}.new`, file)
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
