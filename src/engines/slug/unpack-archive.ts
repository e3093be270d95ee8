import {statSync} from 'node:fs'
import type {ArchiveLimits} from '../../model/archive-policy.ts'
import type {Extracted} from './extract-archive.ts'
import {doJob} from './thread-job.ts'

export type UnpackArchiveOptions = {
  /** A new folder, or one with nothing in it. */
  readonly to: string
  readonly limits?: Partial<ArchiveLimits>
  readonly signal?: AbortSignal
}

/** Archives get about so many times larger when they are unpacked. */
const usualRatio = 6

/** `extractArchive`, in a thread of its own when it is worth one. */
export async function unpackArchive(file: string, {to, limits = {}, signal}: UnpackArchiveOptions): Promise<Extracted> {
  const sizeBytes = (statSync(file, {throwIfNoEntry: false})?.size ?? 0) * usualRatio
  const extracted = await doJob({kind: 'extract', file, to, limits}, {sizeBytes, ...(signal === undefined ? {} : {signal})})
  if (extracted === undefined) throw new Error('nothing is known of the archive')
  return extracted
}
