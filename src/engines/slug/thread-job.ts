import {existsSync} from 'node:fs'
import type {Worker} from 'node:worker_threads'
import {startThread} from '../../lib/thread.ts'
import type {ArchiveLimits} from '../../model/archive-policy.ts'
import {type ErrorCode, type ErrorOptions, HomeportError} from '../../model/error.ts'
import {type Extracted, extractArchive} from './extract-archive.ts'
import {materialise} from './materialise.ts'
import {DamagedObjectError} from './object-reader.ts'
import {openObjects, type SlugStore} from './slug-store.ts'
import {DamagedPathError} from './slug-tree.ts'
import type {ObjectId} from './tree-object.ts'
import {emptyFolder, type TreeWriterOptions} from './tree-writer.ts'

/** Writing thousands of files, one after the other without a pause: work for a thread of its own, so that signals, progress and the router go on. */
export type Job =
  | {readonly kind: 'extract'; readonly file: string; readonly to: string; readonly limits: Partial<ArchiveLimits>}
  | ({readonly kind: 'materialise'; readonly store: SlugStore; readonly root: ObjectId; readonly to: string} & TreeWriterOptions)

/** With less to write than this, starting a thread takes longer than the work. */
const threadBytes = 8 * 1024 * 1024

/**
 * Does a job in a thread, or here when it is small. Rejects as the job itself would. When `signal` aborts, the thread is ended
 * where it stands, and what it wrote is removed.
 */
export async function doJob(
  job: Job,
  {sizeBytes, signal}: {readonly sizeBytes: number; readonly signal?: AbortSignal},
): Promise<Extracted | undefined> {
  signal?.throwIfAborted()
  const thread = sizeBytes < threadBytes ? undefined : startThread(new URL('slug-thread.ts', import.meta.url), {workerData: job})
  if (thread === undefined) return await runJob(job)
  const isNew = !existsSync(job.to)
  const end = () => void thread.terminate()
  signal?.addEventListener('abort', end)
  try {
    return resultOf(await answerOf(thread))
  } catch (error) {
    await thread.terminate()
    if (signal?.aborted) emptyFolder(job.to, {isNew})
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', end)
    await thread.terminate()
  }
}

function answerOf(thread: Worker): Promise<Answer> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', code => reject(new Error(`the thread ended with ${code} before it answered`)))
  })
}

async function runJob(job: Job): Promise<Extracted | undefined> {
  if (job.kind === 'extract') return await extractArchive(job.file, {to: job.to, limits: job.limits})
  using objects = openObjects(job.store)
  await materialise(job, job.to, {objects, ...(job.owner === undefined ? {} : {owner: job.owner})})
  return undefined
}

/** What a thread says at its end: messages between threads carry plain data only. */
type Answer =
  | {readonly result: Extracted | undefined}
  | {readonly homeport: {readonly code: ErrorCode; readonly message: string} & ErrorOptions}
  | {readonly damaged: {readonly path: string; readonly id: ObjectId; readonly actual: ObjectId | undefined}}
  | {readonly other: {readonly message: string; readonly stack: string | undefined; readonly code: unknown}}

/** Runs a job and says how it ended. Never rejects. */
export async function answerJob(job: Job): Promise<Answer> {
  try {
    return {result: await runJob(job)}
  } catch (error) {
    if (error instanceof HomeportError) {
      const {code, message, hint, place} = error
      return {homeport: {code, message, ...(hint === undefined ? {} : {hint}), ...(place === undefined ? {} : {place})}}
    }
    if (error instanceof DamagedPathError) return {damaged: {path: error.path, id: error.damage.id, actual: error.damage.actual}}
    const {message, stack, code} = error as NodeJS.ErrnoException
    return {other: {message, stack, code}}
  }
}

function resultOf(answer: Answer): Extracted | undefined {
  if ('result' in answer) return answer.result
  if ('homeport' in answer) throw new HomeportError(answer.homeport.code, answer.homeport.message, answer.homeport)
  if ('damaged' in answer) throw new DamagedPathError(answer.damaged.path, new DamagedObjectError(answer.damaged.id, answer.damaged.actual))
  const {message, stack, code} = answer.other
  throw Object.assign(new Error(message), {stack, ...(code === undefined ? {} : {code})})
}
