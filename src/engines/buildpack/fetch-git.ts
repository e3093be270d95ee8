import {type BuildpackRef, redactUrl} from '../../model/buildpack.ts'
import {HomeportError} from '../../model/error.ts'
import {type GitEnd, git, gitEnv} from './git.ts'
import {FetchFailed} from './try-again.ts'

type GitRef = Extract<BuildpackRef, {kind: 'git'}>

export type FetchGitOptions = {
  readonly shellEnv: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly graceMs: number
}

/** What git says when a further try would say it again. */
const final =
  /not found|does not exist|does not appear to be a git repository|Authentication failed|could not read Username|Permission denied|not allowed/i

/** Clones a buildpack to `dir`, which does not exist yet, with its submodules, at its revision. Resolves with the commit. */
export async function fetchGit(ref: GitRef, dir: string, {shellEnv, signal, graceMs}: FetchGitOptions): Promise<string> {
  const env = gitEnv({shellEnv, allowFile: ref.origin.trusted && ref.url.startsWith('file:'), secretUrl: ref.url})
  const run = (args: readonly string[], cwd: string) => git(args, {cwd, env, signal, graceMs})
  const cloned = await run(['clone', '--quiet', '--no-checkout', '--template=', '--', redactUrl(ref.url), dir], '/')
  if (cloned.exitCode !== 0) throw new FetchFailed(lastLine(cloned), {isFinal: final.test(cloned.stderr)})
  const commit = await resolve(ref, args => run(args, dir))
  const steps = [
    ['checkout', '--quiet', '--detach', commit],
    ['submodule', '--quiet', 'update', '--init', '--recursive'],
  ]
  for (const step of steps) {
    const done = await run(step, dir)
    if (done.exitCode !== 0) throw new FetchFailed(lastLine(done), {isFinal: final.test(done.stderr)})
  }
  return commit
}

/** A branch of the remote, else a tag, else a commit. */
async function resolve(ref: GitRef, run: (args: readonly string[]) => Promise<GitEnd>): Promise<string> {
  const names = ref.revision === undefined ? ['HEAD'] : [`refs/remotes/origin/${ref.revision}`, `refs/tags/${ref.revision}`, ref.revision]
  for (const name of names) {
    const found = await run(['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`])
    if (found.exitCode === 0) return found.stdout.trim()
  }
  throw new HomeportError('BUILDPACK_NOT_FOUND', `${redactUrl(ref.url)} has no branch, tag or commit “${ref.revision ?? 'HEAD'}”.`, {
    hint: 'Name one that exists behind the #.',
  })
}

function lastLine({stderr, exitCode}: GitEnd): string {
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const told = lines.find(line => /^(fatal|error):/.test(line)) ?? lines.at(-1)
  return told?.replace(/^(fatal|error):\s*/, '') ?? `git ended with ${exitCode}`
}
