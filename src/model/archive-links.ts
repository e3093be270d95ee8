import type {ByteName} from '../lib/file-name.ts'

/** Folders of the system that a link of an app may point into; `/app` is the app itself. */
const systemFolders: ReadonlySet<ByteName> = new Set(['usr', 'bin', 'lib', 'lib64', 'opt'])

/** Where a path ends when its links are followed: in the app, at an absolute path of the machine, outside, or nowhere (a circle). */
type End =
  | {readonly at: 'app'; readonly components: readonly ByteName[]}
  | {readonly at: 'machine'; readonly components: readonly ByteName[]}
  | {readonly at: 'outside'}
  | {readonly at: 'nowhere'}

const outside: End = {at: 'outside'}
const nowhere: End = {at: 'nowhere'}

/**
 * Says which links of an app lead out of it, when all links on their way are followed: `a/../x` is not `x` when `a` is a link.
 * Absolute targets in `/app` are in the app; those below the folders of the system may stay (findings 4.5).
 */
export class LinkJudge {
  readonly #targets: ReadonlyMap<ByteName, ByteName>
  readonly #ends = new Map<ByteName, End>()

  /** `targets`: path of each link, relative to the app's folder, and what it says. */
  constructor(targets: ReadonlyMap<ByteName, ByteName>) {
    this.#targets = targets
  }

  /** Whether the link at `path` leads out. */
  leaves(path: ByteName): boolean {
    const end = this.#follow(path, 0)
    if (end.at === 'outside') return true
    return end.at === 'machine' && !systemFolders.has(end.components[0] ?? '')
  }

  #follow(path: ByteName, depth: number): End {
    const known = this.#ends.get(path)
    if (known !== undefined) return known
    // More links one behind the other than the kernel follows: nothing that an app needs, so nothing to be followed here.
    if (depth > maxLinks) return outside
    this.#ends.set(path, nowhere)
    const end = this.#walk(path.split('/').slice(0, -1), this.#targets.get(path) ?? '', depth)
    this.#ends.set(path, end)
    return end
  }

  #walk(folder: readonly ByteName[], target: ByteName, depth: number): End {
    let end: End = target.startsWith('/') ? {at: 'machine', components: []} : {at: 'app', components: folder}
    for (const component of target.split('/')) {
      if (component === '' || component === '.') continue
      end = this.#step(end, component, depth)
      if (end.at === 'outside' || end.at === 'nowhere') return end
    }
    return end
  }

  #step(from: Exclude<End, {at: 'outside' | 'nowhere'}>, component: ByteName, depth: number): End {
    if (component === '..') {
      if (from.at === 'app' && from.components.length === 0) return outside
      return {...from, components: from.components.slice(0, -1)}
    }
    const components = [...from.components, component]
    if (from.at === 'machine') return components.length === 1 && component === 'app' ? {at: 'app', components: []} : {...from, components}
    const path = components.join('/')
    return this.#targets.has(path) ? this.#follow(path, depth + 1) : {at: 'app', components}
  }
}

/** As many as Linux follows before it gives up. */
const maxLinks = 40
