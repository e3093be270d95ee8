import {randomUUID} from 'node:crypto'
import {readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** The process that wrote a claim down, to say that it wants a folder. */
export type Claim = {readonly pid: number; readonly startTime: string; readonly realm: string}

/** A claim as it is found. `isHeld`: its process looked, and found no other; the folder is its own. */
export type FoundClaim = Claim & {readonly name: string; readonly isHeld: boolean}

const claimSuffix = '.claim'
const heldSuffix = '.held'

/**
 * Writes a claim and gives its name, which no other claim ever has: so whoever finds the claim of a dead process may remove
 * it and removes nothing else. It appears whole and is never changed. Throws ENOENT when the folder was removed meanwhile.
 */
export function writeClaim(folder: string, claim: Claim): string {
  const name = randomUUID()
  const file = join(folder, `${name}.new`)
  writeFileSync(file, JSON.stringify(claim), {mode: 0o600})
  renameSync(file, join(folder, `${name}${claimSuffix}`))
  return name
}

/** Says that the folder is held, beside the claim: the claim itself must never be out of sight for a moment. */
export function markHeld(folder: string, name: string): void {
  writeFileSync(join(folder, `${name}${heldSuffix}`), '', {mode: 0o600})
}

/** All claims on a folder. One that was there before this call and is still there after it is among them. */
export function readClaims(folder: string): readonly FoundClaim[] {
  const files = new Set(readdirSync(folder))
  return [...files].flatMap(file => {
    if (!file.endsWith(claimSuffix)) return []
    const name = file.slice(0, -claimSuffix.length)
    const claim = readClaim(join(folder, file))
    return claim === undefined ? [] : [{...claim, name, isHeld: files.has(`${name}${heldSuffix}`)}]
  })
}

export function removeClaim(folder: string, name: string): void {
  for (const suffix of [heldSuffix, claimSuffix]) rmSync(join(folder, `${name}${suffix}`), {force: true})
}

/** What processes left that were killed while they wrote a claim. */
export function removeHalfClaims(folder: string): void {
  const oldestMs = Date.now() - 60_000
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (name.endsWith('.new') && (statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? oldestMs) < oldestMs) rmSync(file, {force: true})
  }
}

/** Undefined when it was withdrawn meanwhile. */
function readClaim(file: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
