import {HomeportError} from './error.ts'
import type {ProcessTypes} from './formation.ts'
import type {SlugPlatform} from './slug-platform.ts'

/** `sha256:` and the 64 hex digits of the canonical tar (cli.md section 7). */
export type SlugId = `sha256:${string}`

/** A buildpack that made a slug, with the commit that its ref stood for. */
export type UsedBuildpack = {readonly name: string; readonly ref?: string; readonly commit?: string}

/** An archive named by its content, with its process types and stack (platform.md d.4), and what is known beside it. */
export type Slug = SlugPlatform & {
  readonly id: SlugId
  /** RFC 3339: when this machine first had it. */
  readonly createdAt: string
  /** Bytes of all files, and of the compressed archive. */
  readonly sizeBytes: number
  readonly archiveBytes: number
  readonly files: number
  readonly processTypes: ProcessTypes
  readonly stack: string
  readonly buildpacks: readonly UsedBuildpack[]
  /** The commit of its source. */
  readonly commit?: string
  /** Files that name `/app/…` in their first line or as configuration: they go wrong where a dyno has no `/app`. At most 20. */
  readonly appPathFiles: readonly string[]
}

/** platform.md d.1, as of 2026: what is too large for the platform, and what it warns of, as an archive. */
export const slugSizeLimits = {maxArchiveBytes: 1024 ** 3, warnArchiveBytes: 300 * 1024 * 1024} as const

const prefix = 'sha256:'
const shortest = 6

/** The slug id of a digest in hex. */
export function slugId(hex: string): SlugId {
  return `${prefix}${hex}`
}

/** The 64 hex digits of a slug id, as names of files have them. */
export function slugHex(id: SlugId): string {
  return id.slice(prefix.length)
}

/** `sha256:` and 12 digits: how ids are shown to people. */
export function shortSlugId(id: SlugId): string {
  return id.slice(0, prefix.length + 12)
}

/** Whether a word is written like a slug id, whole or shortened: 6 to 64 hex digits, with or without `sha256:`. */
export function isSlugReference(word: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{6,64}$/i.test(word)
}

/**
 * The one slug of `ids` that `word` stands for: any unique beginning of 6 or more hex digits, with or without `sha256:`. Throws
 * SLUG_UNKNOWN when there is none, or more than one.
 */
export function findSlugId(word: string, ids: Iterable<SlugId>): SlugId {
  const digits = word.toLowerCase().replace(/^sha256:/, '')
  const hint = 'List them with `homeport slugs`.'
  if (!/^[0-9a-f]*$/.test(digits) || digits.length < shortest || digits.length > 64) {
    throw new HomeportError('SLUG_UNKNOWN', `“${word}” is no slug id: ${shortest} to 64 hex digits, with or without ${prefix}.`, {hint})
  }
  const found = [...ids].filter(id => slugHex(id).startsWith(digits))
  const [only, second] = found
  if (only === undefined) throw new HomeportError('SLUG_UNKNOWN', `No slug here has an id that begins with ${digits}.`, {hint})
  if (second === undefined) return only
  throw new HomeportError('SLUG_UNKNOWN', `${digits} stands for ${found.length} slugs: ${found.map(shortSlugId).join(', ')}.`, {
    hint: 'Give more digits.',
  })
}
