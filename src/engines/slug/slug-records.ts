import {closeSync, fsyncSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Slug, type SlugId, slugHex, slugId, type UsedBuildpack} from '../../model/slug.ts'
import {isStackName} from '../../model/slug-json.ts'
import {namesIn, publish, type SlugStore, storeFolder, temporaryPath} from './slug-store.ts'
import type {ObjectId} from './tree-object.ts'

/** A slug of the store: what is known of it, and the object of its app folder. */
export type SlugRecord = Slug & {readonly root: ObjectId}

/** All slugs of the store, newest first. A record that cannot be read counts as not there: the slug can be built again. */
export function readSlugs(store: SlugStore): readonly SlugRecord[] {
  return namesIn(join(store.folder, 'records'))
    .flatMap(name => (/^[0-9a-f]{64}\.json$/.test(name) ? (readRecord(store, slugId(name.slice(0, 64))) ?? []) : []))
    .sort((one, other) => (one.createdAt < other.createdAt ? 1 : one.createdAt > other.createdAt ? -1 : one.id < other.id ? -1 : 1))
}

/** One slug by its whole id. */
export function readRecord(store: SlugStore, id: SlugId): SlugRecord | undefined {
  try {
    return decodeRecord(id, JSON.parse(readFileSync(recordPath(store, id), 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Publishes a slug whose objects are all published. */
export async function writeRecord(store: SlugStore, record: SlugRecord): Promise<void> {
  const temporary = temporaryPath(store, '.json')
  const descriptor = openSync(temporary, 'wx', 0o600)
  try {
    writeFileSync(descriptor, `${JSON.stringify(encodeRecord(record))}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  publish(temporary, storeFolder(store, 'records'), `${slugHex(record.id)}.json`)
}

export function recordPath(store: SlugStore, id: SlugId): string {
  return join(store.folder, 'records', `${slugHex(id)}.json`)
}

function encodeRecord({id: _, root, processTypes, ...facts}: SlugRecord): object {
  return {root: Buffer.from(root, 'latin1').toString('hex'), ...facts, processTypes: [...processTypes]}
}

function decodeRecord(id: SlugId, value: unknown): SlugRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const text = (key: string) => (typeof fields.get(key) === 'string' ? String(fields.get(key)) : '')
  const count = (key: string) => (Number.isSafeInteger(fields.get(key)) ? Number(fields.get(key)) : 0)
  const list = (key: string): readonly unknown[] => (Array.isArray(fields.get(key)) ? (fields.get(key) as unknown[]) : [])
  const stack = fields.get('stack')
  if (!/^[0-9a-f]{64}$/.test(text('root')) || !isStackName(stack)) return undefined
  return {
    id,
    root: Buffer.from(text('root'), 'hex').toString('latin1'),
    createdAt: text('createdAt'),
    sizeBytes: count('sizeBytes'),
    archiveBytes: count('archiveBytes'),
    files: count('files'),
    processTypes: new Map(list('processTypes') as [string, string][]),
    stack,
    os: text('os'),
    arch: text('arch'),
    libc: text('libc'),
    buildpacks: list('buildpacks') as UsedBuildpack[],
    ...(text('commit') === '' ? {} : {commit: text('commit')}),
    appPathFiles: list('appPathFiles') as string[],
  }
}
