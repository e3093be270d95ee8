import {HomeportError} from './error.ts'

/** What runs below a slug on the hosts of a pool: an image that they pull, or an archive in the pool's bucket (closed networks). */
export type Stack = {
  /** `heroku-24`: what a slug was built for. */
  readonly name: string
  /** `image`: the reference hosts pull, with its digest; `archive`: the key of the bucket where its one layer lies, uncompressed. */
  readonly source: {readonly kind: 'image'; readonly reference: string} | {readonly kind: 'archive'; readonly key: string}
  /** Diff ids of its layers, lowest first; the slug is one more layer over them. */
  readonly layers: readonly string[]
  readonly os: string
  readonly arch: string
  readonly libc: string
}

/** Machines under one engine, as the bucket tells of them (`pool.json`). */
export type Pool = {
  readonly name: string
  readonly region: string
  readonly instanceType: string
  readonly size: number
  readonly stack: Stack
}

export type HostState = 'ready' | 'draining' | 'drained' | 'down'

/** One machine of a pool, as `pool:hosts` shows it. */
export type Host = {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly state: HostState
  readonly isManager: boolean
  readonly isLeader: boolean
  /** How many dynos run on it. */
  readonly dynos: number
  readonly memoryBytes: number
  /** What no dyno has reserved. */
  readonly memoryFreeBytes: number
  readonly os: string
  readonly arch: string
}

/** A dyno of a pool, as `ps --target ec2` shows it. */
export type PoolDyno = {
  readonly id: string
  readonly app: string
  /** `web.1` */
  readonly dyno: string
  readonly type: string
  readonly release: number
  readonly state: 'starting' | 'up' | 'down' | 'crashed' | 'complete'
  /** RFC 3339 */
  readonly since: string
  readonly host: string | undefined
  /** Where it can be reached, once it is known. */
  readonly address: string | undefined
  readonly port: number | undefined
  readonly exitCode: number | undefined
  /** What the engine says: why it is pending, how it failed. */
  readonly message: string | undefined
}

/** Throws FLAG_INVALID unless the name can be part of a bucket, a role and a host name: 3 to 24 of a-z, 0-9 and `-`. */
export function checkPoolName(name: string): string {
  if (/^[a-z][a-z0-9-]{1,22}[a-z0-9]$/.test(name) && !name.includes('--')) return name
  throw new HomeportError('FLAG_INVALID', `“${name}” is no name for a pool.`, {
    hint: 'Use 3 to 24 lower case letters, digits and single dashes, beginning with a letter.',
  })
}

/** The name of an app on a pool: part of host names and of names of services. */
export function checkPoolAppName(name: string): string {
  if (/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) return name
  throw new HomeportError('FLAG_INVALID', `“${name}” is no name for an app of a pool.`, {
    hint: 'Name it with -a: at most 30 lower case letters, digits and dashes, beginning with a letter.',
  })
}

export type SlugNeeds = {readonly os: string; readonly arch: string; readonly libc: string; readonly stack: string}

/** Throws SLUG_UNFIT when a slug cannot run on a stack; `any` fits everywhere (cli.md section 9: refused before anything is uploaded). */
export function checkSlugFits(slug: SlugNeeds, stack: Stack): void {
  const differing = (['os', 'arch', 'libc'] as const).filter(key => slug[key] !== 'any' && slug[key] !== stack[key])
  const needsOtherStack =
    differing.length === 0 && slug.stack !== stack.name && [slug.os, slug.arch, slug.libc].some(fact => fact !== 'any')
  if (differing.length === 0 && !needsOtherStack) return
  const facts = needsOtherStack
    ? `stack ${slug.stack}, the pool has ${stack.name}`
    : differing.map(key => `${key} ${slug[key]}, the pool has ${stack[key]}`).join('; ')
  throw new HomeportError('SLUG_UNFIT', `This slug does not fit the pool: it is for ${facts}. Nothing was uploaded.`, {
    hint: needsOtherStack
      ? `Build it with --stack ${stack.name}.`
      : 'Build it on a machine like those of the pool, or make a pool of such machines.',
  })
}

/** How many managers may be lost before the engine can decide nothing any more. */
export function spareManagers(hosts: readonly Host[]): number {
  const managers = hosts.filter(host => host.isManager)
  const quorum = Math.floor(managers.length / 2) + 1
  return managers.filter(host => host.state !== 'down').length - quorum
}
