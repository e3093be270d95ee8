import {randomUUID} from 'node:crypto'
import type {Bucket} from '../../lib/bucket.ts'
import {HomeportError} from '../../model/error.ts'
import {isSameDeploy, type Outcome, type Release, type ReleaseRecord} from '../../model/release.ts'

/** What is the same for all releases of an app and makes none: quantities and host names (platform.md a.3). */
export type AppSettings = {readonly formation: Readonly<Record<string, number>>; readonly domains: readonly string[]}

export type AuditEntry = {
  readonly user: string
  readonly action: string
  readonly app: string
  readonly from: number | null
  readonly to: number | null
  readonly slug?: string
  /** Names of config vars, never values. */
  readonly names?: readonly string[]
  readonly result: string
}

export type ReleaseDraft = Omit<Release, 'version' | 'createdAt'>

const maxAttempts = 20

/**
 * The numbered list of an app's releases in the bucket of its pool. Writing `releases/<n>.json` where none was is the commit of a
 * release; how it ended is written once beside it; which one serves is `current.json`, changed only by who knows what it was.
 */
export class Ledger {
  readonly #bucket: Bucket
  readonly app: string
  readonly #now: () => Date

  constructor(bucket: Bucket, app: string, now: () => Date = () => new Date()) {
    this.#bucket = bucket
    this.app = app
    this.#now = now
  }

  /** All releases, oldest first. */
  async records(): Promise<readonly ReleaseRecord[]> {
    const [releases, outcomes] = await Promise.all([this.#bucket.list(this.#key('releases/')), this.#bucket.list(this.#key('outcomes/'))])
    const ended = new Set(outcomes)
    const records = await Promise.all(
      releases.map(async key => {
        const release = await this.#read<Release>(key)
        const outcomeKey = key.replace('/releases/', '/outcomes/')
        const outcome = ended.has(outcomeKey) ? await this.#read<Outcome>(outcomeKey) : undefined
        return release === undefined ? [] : [{release, outcome}]
      }),
    )
    return records.flat()
  }

  /**
   * Commits a release with the next number. A release that is the same and did not end yet is that of a deployer who died, or
   * of this one before: it is gone on with. Rejects with DEPLOY_CONFLICT when others commit faster, again and again.
   */
  async commit(draft: ReleaseDraft): Promise<{readonly release: Release; readonly isNew: boolean}> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const records = await this.records()
      const newest = records.at(-1)
      if (newest !== undefined && newest.outcome === undefined && isSameDeploy(newest.release, draft))
        return {release: newest.release, isNew: false}
      const release = {version: (newest?.release.version ?? 0) + 1, ...draft, createdAt: this.#now().toISOString()}
      if (await this.#bucket.create(this.#versionKey('releases', release.version), encode(release))) return {release, isNew: true}
    }
    throw new HomeportError('DEPLOY_CONFLICT', `Others release ${this.app} at the same time.`, {hint: 'Try again, or use --wait.'})
  }

  /** The first word on how a release ended counts. */
  async finish(version: number, outcome: Omit<Outcome, 'at'>): Promise<void> {
    await this.#bucket.create(this.#versionKey('outcomes', version), encode({...outcome, at: this.#now().toISOString()}))
  }

  async current(): Promise<number | undefined> {
    return (await this.#read<{version: number}>(this.#key('current.json')))?.version
  }

  /** Makes a release the current one, unless a newer one is: then rejects with DEPLOY_CONFLICT. */
  async switchTo(version: number): Promise<void> {
    await this.#change<{version: number}>('current.json', found => {
      if ((found?.version ?? 0) > version) {
        throw new HomeportError(
          'DEPLOY_CONFLICT',
          `${this.app} serves v${found?.version} by now, which is newer than v${version}: somebody else deployed.`,
          {
            hint: 'See who with `homeport releases --target ec2`.',
          },
        )
      }
      return {version}
    })
  }

  async settings(): Promise<AppSettings> {
    return (await this.#read<AppSettings>(this.#key('settings.json'))) ?? {formation: {}, domains: []}
  }

  async changeSettings(change: (settings: AppSettings) => AppSettings): Promise<AppSettings> {
    return await this.#change<AppSettings>('settings.json', found => change(found ?? {formation: {}, domains: []}))
  }

  /** Notes something that a step of a release did, such as its release command; the first note counts. */
  async note<T>(version: number, name: string, value: T): Promise<void> {
    await this.#bucket.create(this.#versionKey(`notes/${name}`, version), encode(value))
  }

  async noted<T>(version: number, name: string): Promise<T | undefined> {
    return await this.#read<T>(this.#versionKey(`notes/${name}`, version))
  }

  async audit(entry: Omit<AuditEntry, 'app'>): Promise<void> {
    const at = this.#now().toISOString()
    await this.#bucket.create(`audit/${at}-${randomUUID()}.json`, encode({at, app: this.app, ...entry}))
  }

  async #change<T>(name: string, change: (found: T | undefined) => T): Promise<T> {
    const key = this.#key(name)
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const found = await this.#bucket.get(key)
      const next = change(found === undefined ? undefined : decode<T>(found.bytes))
      const isDone =
        found === undefined ? await this.#bucket.create(key, encode(next)) : await this.#bucket.replace(key, encode(next), found.tag)
      if (isDone) return next
    }
    throw new HomeportError('DEPLOY_CONFLICT', `Others change ${this.app} at the same time.`, {hint: 'Try again.'})
  }

  async #read<T>(key: string): Promise<T | undefined> {
    const found = await this.#bucket.get(key)
    return found === undefined ? undefined : decode<T>(found.bytes)
  }

  #key(name: string): string {
    return `apps/${this.app}/${name}`
  }

  /** Padded, so that the order of keys is that of versions. */
  #versionKey(folder: string, version: number): string {
    return this.#key(`${folder}/${String(version).padStart(8, '0')}.json`)
  }
}

/** The apps of a pool, by what its bucket holds. */
export async function listApps(bucket: Bucket): Promise<readonly string[]> {
  const keys = await bucket.list('apps/')
  return [...new Set(keys.flatMap(key => key.split('/')[1] ?? []))]
}

function encode(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

function decode<T>(bytes: Buffer): T {
  return JSON.parse(bytes.toString()) as T
}
