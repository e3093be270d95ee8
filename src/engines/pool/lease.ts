import {randomUUID} from 'node:crypto'
import type {Bucket} from '../../lib/bucket.ts'
import {HomeportError} from '../../model/error.ts'

/** Who changes an app. `machine` is the same for all processes of one machine and user, and for no others. */
export type Deployer = {readonly user: string; readonly machine: string; readonly pid: number}

type LeaseText = {readonly holder: Deployer; readonly token: string; readonly until: number}

export type LeaseOptions = {
  readonly bucket: Bucket
  readonly app: string
  readonly deployer: Deployer
  /** How long it holds without a sign of life. */
  readonly leaseMs: number
  /** Waits for the other one instead of giving up. */
  readonly isWaiting: boolean
  /** Whether a process of this machine is still there. */
  readonly isAlive: (pid: number) => boolean
  readonly now?: () => number
  readonly signal?: AbortSignal
}

/**
 * The right to change an app, for a limited time and renewed while it is held. It spares two deployers each other's way, and is no
 * lock: who dies holds it for `leaseMs` at most, and what is written is fenced by release numbers and versions anyway.
 */
export class Lease {
  readonly #options: LeaseOptions
  readonly #token: string
  readonly #lost = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #renewing: Promise<void> = Promise.resolve()

  private constructor(options: LeaseOptions, token: string) {
    this.#options = options
    this.#token = token
  }

  /** Rejects with DEPLOY_CONFLICT, naming who holds it, unless `isWaiting`. */
  static async take(options: LeaseOptions): Promise<Lease> {
    const lease = new Lease(options, randomUUID())
    for (;;) {
      options.signal?.throwIfAborted()
      const holder = await lease.#claim()
      if (holder === undefined) break
      if (!options.isWaiting) throw busy(options.app, holder)
      await new Promise(resolve => setTimeout(resolve, Math.min(1000, options.leaseMs / 10)))
    }
    lease.#timer = setInterval(() => {
      lease.#renewing = lease.#renewing.then(() => lease.#renew())
    }, options.leaseMs / 3)
    return lease
  }

  /** Aborts when somebody else has taken the lease over. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    const found = await this.#options.bucket.get(this.#key).catch(() => undefined)
    if (found === undefined || read(found.bytes).token !== this.#token) return
    await this.#options.bucket.replace(this.#key, this.#text(0), found.tag).catch(() => false)
  }

  get #key(): string {
    return `apps/${this.#options.app}/lease.json`
  }

  /** The one who holds it, if it is not ours now. */
  async #claim(): Promise<Deployer | undefined> {
    const {bucket, leaseMs, deployer, isAlive} = this.#options
    const found = await bucket.get(this.#key)
    const until = this.#now() + leaseMs
    if (found === undefined) return (await bucket.create(this.#key, this.#text(until))) ? undefined : await this.#claim()
    const lease = read(found.bytes)
    const isDead = lease.holder.machine === deployer.machine && lease.holder.pid !== deployer.pid && !isAlive(lease.holder.pid)
    if (lease.until > this.#now() && !isDead) return lease.holder
    return (await bucket.replace(this.#key, this.#text(until), found.tag)) ? undefined : await this.#claim()
  }

  async #renew(): Promise<void> {
    const {bucket, leaseMs} = this.#options
    try {
      const found = await bucket.get(this.#key)
      const isOurs = found !== undefined && read(found.bytes).token === this.#token
      if (isOurs && (await bucket.replace(this.#key, this.#text(this.#now() + leaseMs), found.tag))) return
      this.#lost.abort(busy(this.#options.app, found === undefined ? undefined : read(found.bytes).holder))
    } catch {
      // The bucket does not answer now: the next time may be in time.
    }
  }

  #text(until: number): Buffer {
    return Buffer.from(`${JSON.stringify({holder: this.#options.deployer, token: this.#token, until})}\n`)
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now()
  }
}

function read(bytes: Buffer): LeaseText {
  return JSON.parse(bytes.toString()) as LeaseText
}

function busy(app: string, holder: Deployer | undefined): HomeportError {
  const who = holder === undefined ? 'Somebody else' : `${holder.user} (process ${holder.pid} on ${holder.machine})`
  return new HomeportError('DEPLOY_CONFLICT', `${who} is changing ${app} now.`, {hint: 'Wait for it with --wait, or try again later.'})
}
