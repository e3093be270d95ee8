import type {RefOrigin} from './buildpack.ts'

/** A REF as somebody wrote it, and who. */
export type BuildpackWish = {readonly text: string; readonly origin: RefOrigin}

/** What may name buildpacks, in the order in which it is asked (cli.md section 7); the texts are those of the app's files, when there. */
export type BuildpackWishes = {
  readonly flags?: readonly string[]
  /** The config var BUILDPACK_URL. */
  readonly buildpackUrl?: string
  readonly dotBuildpacks?: string
  /** `buildpacks` of app.json. */
  readonly appJson?: readonly string[]
  readonly projectToml?: string
}

/** The buildpacks that somebody chose; none means: detect. The first that names any decides, and alone. */
export function chooseBuildpacks(wishes: BuildpackWishes): readonly BuildpackWish[] {
  const flags = wishes.flags ?? []
  if (flags.length > 0) return flags.map(text => ({text, origin: {trusted: true}}))
  const url = wishes.buildpackUrl?.trim() ?? ''
  if (url !== '') return fromFile([url], 'BUILDPACK_URL')
  const files = [
    () => fromFile(readDotBuildpacks(wishes.dotBuildpacks ?? ''), '.buildpacks'),
    () => fromFile(wishes.appJson ?? [], 'app.json'),
    () => fromFile(readProjectToml(wishes.projectToml ?? ''), 'project.toml'),
  ]
  for (const read of files) {
    const chosen = read()
    if (chosen.length > 0) return chosen
  }
  return []
}

function fromFile(texts: readonly string[], file: string): readonly BuildpackWish[] {
  return texts.map(text => ({text, origin: {trusted: false, file}}))
}

/** `.buildpacks` of heroku-buildpack-multi: a REF a line, blank lines and comments left out. */
function readDotBuildpacks(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
}

/**
 * Buildpacks of a project.toml: `uri`, else `id`, of each `[[io.buildpacks.group]]` or `[[build.buildpacks]]` table.
 * Only these lines of TOML are understood, which is all that such a table holds.
 */
function readProjectToml(text: string): readonly string[] {
  const groups: Map<string, string>[] = []
  let group: Map<string, string> | undefined
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/.exec(line)
    if (header) {
      group = header[1] === '[[' && /^(?:io\.buildpacks\.group|build\.buildpacks)$/.test(header[2] ?? '') ? new Map() : undefined
      if (group) groups.push(group)
    }
    const entry = /^\s*(uri|id)\s*=\s*(?:"([^"]*)"|'([^']*)')\s*(?:#.*)?$/.exec(line)
    if (entry) group?.set(entry[1] ?? '', entry[2] ?? entry[3] ?? '')
  }
  return groups.map(found => found.get('uri') ?? found.get('id') ?? '').filter(ref => ref !== '')
}
