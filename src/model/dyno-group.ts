import type {DynoSize} from './dyno-size.ts'
import type {Release} from './release.ts'

/** All dynos of one process type of a release on a pool: what an engine is asked to keep running. */
export type DynoGroup = {
  readonly app: string
  readonly type: string
  readonly release: number
  readonly slug: string
  /** The image that hosts composed of stack and slug, by its id. */
  readonly image: string
  readonly command: string
  readonly quantity: number
  readonly size: DynoSize
  /** The hash that names the config vars; the engine has them as a secret. */
  readonly config: string
  /** Absent for a type that nothing is routed to. */
  readonly web?: WebGate
  /** Host names that lead to `web`. */
  readonly domains: readonly string[]
  readonly stopMs: number
}

/** When a web dyno takes traffic: it listens, and answers its check where app.json has one. */
export type WebGate = {readonly bootMs: number; readonly check?: NonNullable<Release['webCheck']>}

/** The port in the container; the port of the host is the engine's choice. */
export const dynoPort = 5000

export type GroupOptions = {
  readonly app: string
  readonly image: string
  readonly formation: ReadonlyMap<string, number>
  readonly sizes: (type: string) => DynoSize
  readonly domains: readonly string[]
  readonly bootMs: number
  readonly stopMs: number
}

/** The groups of a release in the order of their submission: web last, so that it never meets older workers. `release` never runs as one. */
export function planGroups(release: Release, options: GroupOptions): readonly DynoGroup[] {
  const {app, image, formation, sizes, domains, bootMs, stopMs} = options
  const types = release.processTypes.filter(([type]) => type !== 'release')
  const ordered = [...types.filter(([type]) => type !== 'web'), ...types.filter(([type]) => type === 'web')]
  return ordered.map(([type, command]) => ({
    app,
    type,
    release: release.version,
    slug: release.slug,
    image,
    command,
    quantity: formation.get(type) ?? (type === 'web' ? 1 : 0),
    size: sizes(type),
    config: release.config,
    ...(type === 'web' ? {web: {bootMs, ...(release.webCheck === undefined ? {} : {check: release.webCheck})}} : {}),
    domains: type === 'web' ? domains : [],
    stopMs,
  }))
}
