import {HomeportError} from './error.ts'

/** What a dyno of one size may use (platform.md c.6). */
export type DynoSize = {
  /** As the API spells it: `standard-1x`. */
  readonly name: string
  /** Above it R14, from twice as much on R15 (c.5). */
  readonly memoryBytes: number
  /** Processes and threads together. */
  readonly processes: number
  /** What it gets of the CPU when others want it too, in shares of a standard-1x. */
  readonly cpuShare: number
}

const mib = 1024 * 1024
const gib = 1024 * mib

/** Name -> memory, processes and threads, CPU. The last three are the sizes of 2014. */
const sizes: Readonly<Record<string, readonly [memoryBytes: number, processes: number, cpuShare: number]>> = {
  eco: [512 * mib, 256, 1],
  basic: [512 * mib, 256, 1],
  'standard-1x': [512 * mib, 256, 1],
  'standard-2x': [gib, 512, 2],
  'performance-m': [2.5 * gib, 16_384, 12],
  'performance-l': [14 * gib, 32_768, 50],
  'performance-l-ram': [30 * gib, 32_768, 24],
  'performance-xl': [62 * gib, 32_768, 50],
  'performance-2xl': [126 * gib, 32_768, 100],
  'private-s': [gib, 512, 2],
  'private-m': [2.5 * gib, 16_384, 12],
  'private-l': [14 * gib, 32_768, 50],
  '1x': [512 * mib, 256, 1],
  '2x': [gib, 512, 2],
  px: [6 * gib, 32_768, 12],
}

/** Open files of a dyno, whatever its size (c.6). */
export const openFilesLimit = 10_000

/** The size that a slug's dyno has unless the user says otherwise (cli.md section 2). */
export const defaultSlugSize = 'standard-1x'

/** The size of that name, in any letter case. Throws FLAG_INVALID. */
export function dynoSize(name: string): DynoSize {
  const key = name.toLowerCase()
  const size = Object.hasOwn(sizes, key) ? sizes[key] : undefined
  if (size === undefined) {
    throw new HomeportError('FLAG_INVALID', `“${name}” is not a dyno size.`, {hint: `Sizes are: ${Object.keys(sizes).join(', ')}.`})
  }
  return {name: key, memoryBytes: size[0], processes: size[1], cpuShare: size[2]}
}

/** Reads the values of `--size TYPE=SIZE` (a comma list too): process type -> size. Throws FLAG_INVALID. */
export function parseSizes(texts: readonly string[]): ReadonlyMap<string, DynoSize> {
  const pairs = texts.flatMap(text => text.split(',')).filter(text => text.trim() !== '')
  return new Map(
    pairs.map(text => {
      const [, type, name] = /^\s*([A-Za-z0-9_-]+)=([A-Za-z0-9-]+)\s*$/.exec(text) ?? []
      if (type === undefined || name === undefined) {
        throw new HomeportError('FLAG_INVALID', `“${text.trim()}” is not a size of a process type.`, {
          hint: 'Write TYPE=SIZE, for example `web=standard-2x`.',
        })
      }
      return [type, dynoSize(name)]
    }),
  )
}
