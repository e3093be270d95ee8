import {HomeportError} from './error.ts'

/** Who named a buildpack: the user, who may name any folder and file, or a file of the app (or a config var), which may be a stranger's. */
export type RefOrigin = {readonly trusted: true} | {readonly trusted: false; readonly file: string}

/** Where a buildpack comes from (cli.md section 7). `text` is the REF as it may be shown: without user and password. */
export type BuildpackRef = {readonly text: string; readonly origin: RefOrigin} & (
  | {readonly kind: 'shipped'; readonly name: string}
  | {readonly kind: 'folder'; readonly path: string}
  | {readonly kind: 'archive-file'; readonly path: string; readonly sha256?: string}
  | {readonly kind: 'archive-url'; readonly url: string; readonly sha256?: string}
  | {readonly kind: 'git'; readonly url: string; readonly revision?: string}
)

/** A buildpack that took part in a build, as `build --json` tells it; `commit` is null when it did not come from git. */
export type Buildpack = {readonly name: string; readonly ref: string; readonly commit: string | null}

/** The buildpacks that Homeport brings, in the order in which they are asked when nobody chose one (cli.md section 7). */
export const shippedBuildpacks = ['nodejs', 'python', 'java', 'go', 'static', 'inline', 'procfile'] as const

/** Those that speak for a language: when two of them fit, the platform warns. */
export const languageBuildpacks: ReadonlySet<string> = new Set(['nodejs', 'python', 'java', 'go'])

/** Names of Heroku's registry (hosted there only) for which Homeport brings a buildpack of its own. */
const registryNames: Readonly<Record<string, string>> = {
  'heroku/nodejs': 'nodejs',
  'heroku/python': 'python',
  'heroku/java': 'java',
  'heroku/go': 'go',
  'heroku/procfile': 'procfile',
  'heroku-community/static': 'static',
  'heroku-community/inline': 'inline',
}

const gitSchemes = new Set(['https:', 'ssh:', 'git:', 'file:'])

export type RefContext = {readonly origin: RefOrigin; readonly shipped: readonly string[]}

/**
 * Reads a REF: NAME of a shipped buildpack, git URL with `#ref`, `.tgz` file or URL with `#sha256=…`, else a folder.
 * Throws FLAG_INVALID (exit 2) for one that begins with `-`, BUILDPACK_NOT_FOUND (exit 4) for one that is never fetched.
 */
export function parseBuildpackRef(given: string, {origin, shipped}: RefContext): BuildpackRef {
  const ref = given.trim()
  const text = redactUrl(ref)
  if (ref === '' || ref.startsWith('-')) {
    throw new HomeportError('FLAG_INVALID', `“${text}” is not a buildpack.`, {hint: refHint(shipped), ...place(origin)})
  }
  const name = shipped.includes(ref) ? ref : registryNames[ref]
  if (name !== undefined && shipped.includes(name)) return {kind: 'shipped', name, text, origin}
  if (/^[a-z][a-z0-9+.-]*::/i.test(ref)) throw refused(text, origin, 'git’s transport helpers are never used')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(ref)) return parseUrl(ref, text, origin)
  if (/^[^/\s:@]+@[^/\s:]+:./.test(ref)) return parseGit(ref, text, origin)
  if (/\.(tgz|tar\.gz)(#sha256=[0-9a-f]{64})?$/i.test(ref)) {
    const [path = '', sha256] = ref.split('#sha256=')
    return {kind: 'archive-file', path, text, origin, ...(sha256 === undefined ? {} : {sha256: sha256.toLowerCase()})}
  }
  return {kind: 'folder', path: ref, text, origin}
}

function parseUrl(ref: string, text: string, origin: RefOrigin): BuildpackRef {
  if (!URL.canParse(ref)) throw refused(text, origin, 'it is no URL')
  const url = new URL(ref)
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:'
  if (isHttp && /\.(tgz|tar\.gz)$/i.test(url.pathname)) return parseArchiveUrl(url, text, origin)
  if (url.protocol === 'http:') throw refused(text, origin, 'what comes by http:// can be changed on its way', 'Use https://.')
  if (!gitSchemes.has(url.protocol)) throw refused(text, origin, `${url.protocol}// is not among https, ssh, git and file`)
  if (url.protocol === 'file:' && !origin.trusted) throw refused(text, origin, 'file:// counts on the command line only')
  return parseGit(ref, text, origin)
}

function parseArchiveUrl(url: URL, text: string, origin: RefOrigin): BuildpackRef {
  const sha256 = /^#sha256=([0-9a-f]{64})$/i.exec(url.hash)?.[1]?.toLowerCase()
  if (url.hash !== '' && sha256 === undefined)
    throw refused(text, origin, 'behind the # of an archive stands only sha256= and 64 hex digits')
  if (url.protocol === 'http:' && sha256 === undefined) {
    throw refused(text, origin, 'what comes by http:// can be changed on its way', 'Use https://, or add #sha256=… of the archive.')
  }
  url.hash = ''
  return {kind: 'archive-url', url: url.href, text, origin, ...(sha256 === undefined ? {} : {sha256})}
}

function parseGit(ref: string, text: string, origin: RefOrigin): BuildpackRef {
  const hash = ref.indexOf('#')
  const url = hash < 0 ? ref : ref.slice(0, hash)
  const revision = hash < 0 ? '' : ref.slice(hash + 1)
  if (revision.startsWith('-')) {
    throw new HomeportError('FLAG_INVALID', `“${revision}” is not a revision (of ${text}).`, {
      hint: 'Name a branch, a tag or a commit.',
      ...place(origin),
    })
  }
  return {kind: 'git', url, text, origin, ...(revision === '' ? {} : {revision})}
}

/** What a person reads for a buildpack: the shipped name, or the last part of its path without `.git` and `.tgz`. */
export function buildpackName(ref: BuildpackRef): string {
  if (ref.kind === 'shipped') return ref.name
  const bare = ref.text.replace(/#.*$/, '').replace(/[/\\]+$/, '')
  const last = bare.split(/[/\\:]/).at(-1) ?? ''
  const name = last.replace(/\.(git|tgz|tar\.gz)$/i, '')
  return name === '' || /^\.+$/.test(name) ? ref.text : name
}

/** `text` with user, password and query cut from every URL in it, so that it may be printed and recorded. */
export function redactUrl(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)([^/\s?#'"]*@)/gi, '$1')
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s?#'"]*)\?[^\s#'"]*/gi, '$1')
    .replaceAll(/(^|[\s'"])[^/\s:@'"]+@([^/\s:@'"]+:[^\s'"])/g, '$1$2')
}

function refHint(shipped: readonly string[]): string {
  return `Name a folder, a git URL (with #ref), a .tgz, or one that Homeport brings: ${shipped.join(', ')}.`
}

function refused(text: string, origin: RefOrigin, why: string, hint?: string): HomeportError {
  return new HomeportError('BUILDPACK_NOT_FOUND', `The buildpack ${text} is not fetched: ${why}.`, {
    ...(hint === undefined ? {} : {hint}),
    ...place(origin),
  })
}

function place(origin: RefOrigin): {place?: {file: string}} {
  return origin.trusted ? {} : {place: {file: origin.file}}
}
