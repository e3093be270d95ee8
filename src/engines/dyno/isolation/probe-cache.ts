import {createHash, randomUUID} from 'node:crypto'
import {statSync} from 'node:fs'
import {readFile, rename, rm, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {privateFolder} from '../../../lib/private-folder.ts'
import type {Tier} from './isolation.ts'
import type {LauncherKind} from './launch.ts'
import type {Machine} from './machine.ts'
import type {SandboxVariant} from './sandbox-parts.ts'

/** Where tiers are tried, and where the outcome is kept. */
export type Ground = {readonly machine: Machine; readonly cacheDir: string; readonly roomsFolder: string}

/** What is remembered of a tier that worked. */
export type Known = {readonly variant?: SandboxVariant; readonly launcher?: LauncherKind}

const file = (cacheDir: string): string => join(cacheDir, 'isolation.json')

/** What was found out about a tier on this kernel, in this boot, with these tools, this user and this disk; undefined when nothing is. */
export async function recall(ground: Ground, tier: Tier): Promise<Known | undefined> {
  return (await read(ground))[tier]
}

export async function remember(ground: Ground, tier: Tier, known: Known): Promise<void> {
  const tiers = {...(await read(ground)), [tier]: known}
  const target = file(ground.cacheDir)
  const draft = `${target}.${randomUUID()}`
  privateFolder(ground.cacheDir)
  await writeFile(draft, JSON.stringify({key: key(ground), tiers}), {mode: 0o600})
  await rename(draft, target)
}

export async function forget(cacheDir: string): Promise<void> {
  await rm(file(cacheDir), {force: true})
}

async function read(ground: Ground): Promise<Partial<Record<Tier, Known>>> {
  try {
    const kept = JSON.parse(await readFile(file(ground.cacheDir), 'utf8')) as {key?: string; tiers?: Partial<Record<Tier, Known>>}
    return kept.key === key(ground) ? (kept.tiers ?? {}) : {}
  } catch {
    return {}
  }
}

function key({machine, roomsFolder}: Ground): string {
  const {systemFolders, systemLinks, resolverPath} = machine
  const facts = [machine.fingerprint, deviceOf(roomsFolder), systemFolders, systemLinks, resolverPath ?? '']
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}

/** The file system on which rooms are made: whether it can carry a copy-on-write disk depends on it. */
function deviceOf(folder: string): number {
  return statSync(folder, {throwIfNoEntry: false})?.dev ?? deviceOf(dirname(folder))
}
