import {HomeportError} from './error.ts'
import type {Healthcheck} from './healthcheck.ts'

/** Version + slug + config vars; never changed once made (platform.md e.2). The config is named by its hash, its values lie elsewhere. */
export type Release = {
  readonly version: number
  /** `Deploy 0123abcd`, `Set FOO, BAZ config vars`, `Rollback to v46`. */
  readonly description: string
  readonly slug: string
  readonly stack: string
  readonly config: string
  /** In the order of the Procfile. */
  readonly processTypes: readonly (readonly [type: string, command: string])[]
  readonly webCheck?: Pick<Healthcheck, 'path' | 'attempts' | 'timeoutSeconds' | 'waitSeconds' | 'content'>
  readonly user: string
  /** RFC 3339 */
  readonly createdAt: string
}

export type ReleaseStatus = 'pending' | 'succeeded' | 'failed' | 'rolled_back'

/** How a release ended; written once, beside the release. */
export type Outcome = {readonly status: Exclude<ReleaseStatus, 'pending'>; readonly reason?: string; readonly at: string}

export type ReleaseRecord = {readonly release: Release; readonly outcome: Outcome | undefined}

/** What two releases must have in common to be one and the same deploy, tried again. */
export function isSameDeploy(one: Omit<Release, 'version' | 'createdAt' | 'user'>, other: typeof one): boolean {
  const facts = ({description, slug, stack, config, processTypes, webCheck}: typeof one) =>
    JSON.stringify([description, slug, stack, config, processTypes, webCheck ?? null])
  return facts(one) === facts(other)
}

/** The release that `rollback` goes back to: the named one, else the newest succeeded one before the current. Throws UNKNOWN_RELEASE. */
export function rollbackTarget(records: readonly ReleaseRecord[], current: number | undefined, wanted?: string): Release {
  const known = records.map(({release}) => `v${release.version}`).join(', ')
  const hint = known === '' ? 'Nothing was released yet.' : `There are ${known}.`
  if (wanted !== undefined) {
    const version = Number(/^v?([1-9]\d{0,8})$/.exec(wanted)?.[1])
    const found = records.find(({release}) => release.version === version)
    if (found === undefined) throw new HomeportError('UNKNOWN_RELEASE', `There is no release ${wanted}.`, {hint})
    if (found.outcome?.status === 'succeeded') return found.release
    throw new HomeportError('UNKNOWN_RELEASE', `Release v${version} never served: it is ${found.outcome?.status ?? 'pending'}.`, {hint})
  }
  const earlier = records.filter(({release, outcome}) => release.version < (current ?? 0) && outcome?.status === 'succeeded')
  const newest = earlier.sort((one, other) => other.release.version - one.release.version)[0]
  if (newest !== undefined) return newest.release
  throw new HomeportError('UNKNOWN_RELEASE', 'There is no earlier release to go back to.', {hint})
}

/** Names of what a change of config vars did, in the platform's words (platform.md e.2). */
export function describeConfigChange(set: readonly string[], unset: readonly string[]): string {
  if (set.length === 0) return `Remove ${unset.join(', ')} config vars`
  return `Set ${set.join(', ')} config vars`
}

/** Bytes of all names and values together (platform.md e.1). */
const maxConfigBytes = 64 * 1024

/**
 * Config vars after a change; the same map when nothing changed. Throws CONFIG_VAR_INVALID, without any value, for a name the
 * platform does not allow (platform.md e.1), and for more than 64 KB.
 */
export function changeConfig(
  config: ReadonlyMap<string, string>,
  changes: ReadonlyMap<string, string | null>,
): ReadonlyMap<string, string> {
  const next = new Map(config)
  for (const [name, value] of changes) {
    if (value === null) next.delete(name)
    else {
      checkConfigName(name)
      if (value.includes('\0'))
        throw new HomeportError('CONFIG_VAR_INVALID', `The value of ${name} has a NUL byte.`, {hint: 'Encode it, as base64 for example.'})
      next.set(name, value)
    }
  }
  const bytes = [...next].reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  if (bytes > maxConfigBytes) {
    throw new HomeportError('CONFIG_VAR_INVALID', `The config vars together have ${bytes} bytes, more than ${maxConfigBytes}.`, {
      hint: 'Keep large values in a store of their own.',
    })
  }
  const isSame = next.size === config.size && [...next].every(([name, value]) => config.get(name) === value)
  return isSame ? config : next
}

function checkConfigName(name: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('__') && !name.startsWith('HEROKU_')) return
  throw new HomeportError('CONFIG_VAR_INVALID', `“${name}” is no name for a config var.`, {
    hint: 'Use letters, digits and _; not beginning with a digit, with __ or with HEROKU_.',
  })
}
