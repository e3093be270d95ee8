import {lstatSync, type Stats} from 'node:fs'
import {dirname, join} from 'node:path'
import {execa} from 'execa'
import {HomeportError} from '../../model/error.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What git may know of the user's shell: where its programs and settings are, and nothing that points it elsewhere (GIT_DIR …). */
const keptVariables = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']

/** For every call: no hooks, no file monitor, no helper transports, whatever the repository's own settings say. */
const always = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'protocol.ext.allow=never']
const environment = {LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_PAGER: 'cat', GIT_ASKPASS: 'true'}

/** A git repository with its files laid out, as far as a build is concerned. */
export type WorkTree = {
  /** The folder of the work tree that is asked about; paths are relative to it. */
  readonly folder: string
  /** Runs git there and gives its output. Rejects with FILE_UNREADABLE when git fails. */
  run(args: readonly string[], options?: RunOptions): Promise<Buffer>
  /** Runs git there, and gives its output or, when it fails, undefined. */
  ask(args: readonly string[]): Promise<Buffer | undefined>
}

export type RunOptions = {readonly env?: Env; readonly input?: Buffer}

const maxOutputBytes = 512 * 1024 * 1024

/**
 * The work tree that `folder` is or lies in; undefined when there is none. A repository of somebody else's is read too (root
 * builds a user's folder, CI mounts one): git's own refusal is about settings that run programs, and those are switched off.
 */
export async function openWorkTree(folder: string, env: Env): Promise<WorkTree | undefined> {
  const top = findRepository(folder)
  if (top === undefined) return undefined
  const variables = {
    ...Object.fromEntries(keptVariables.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]]))),
    ...environment,
  }
  const foreign = isOurs(top) ? undefined : {options: ['-c', 'safe.directory=*'], env: {GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none'}}
  const git = (args: readonly string[], {env = {}, input}: RunOptions = {}) =>
    runGit(folder, [...always, ...(foreign?.options ?? []), ...args], {
      env: {...variables, ...foreign?.env, ...env},
      ...(input === undefined ? {} : {input}),
    })
  const probe = await git(['rev-parse', '--is-inside-work-tree'])
  if (probe.exitCode !== 0 && /not a git repository/.test(probe.stderr)) return undefined
  if (probe.exitCode === 0 && probe.stdout.toString().trim() !== 'true') return undefined
  if (probe.exitCode !== 0) throw gitFailed(folder, probe.stderr)
  const filters = foreign === undefined ? [] : await withoutFilters(args => git(args))
  return {
    folder,
    async run(args, options) {
      const {exitCode, stdout, stderr} = await git([...filters, ...args], options)
      if (exitCode !== 0) throw gitFailed(folder, stderr)
      return stdout
    },
    async ask(args) {
      const {exitCode, stdout} = await git([...filters, ...args])
      return exitCode === 0 ? stdout : undefined
    },
  }
}

/** The nearest folder from `folder` upwards that has a `.git`. */
function findRepository(folder: string): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    if (look(join(current, '.git')) !== undefined) return current
    if (dirname(current) === current) return undefined
  }
}

function isOurs(top: string): boolean {
  const user = process.geteuid?.()
  return user === undefined || [top, join(top, '.git')].every(path => look(path)?.uid === user)
}

function look(path: string): Stats | undefined {
  return lstatSync(path, {throwIfNoEntry: false})
}

/** Settings of a foreign repository that name programs to send its files through. */
async function withoutFilters(git: (args: readonly string[]) => Promise<GitEnd>): Promise<readonly string[]> {
  const {stdout} = await git(['config', '--local', '--includes', '--name-only', '-z', '--get-regexp', '^filter\\.'])
  const names = stdout
    .toString()
    .split('\0')
    .filter(name => /^filter\..+\.(?:clean|smudge|process|required)$/is.test(name))
  return names.flatMap(name => ['-c', `${name}=${name.toLowerCase().endsWith('.required') ? 'false' : ''}`])
}

type GitEnd = {readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string}

async function runGit(folder: string, args: readonly string[], {env, input}: {env: Env; input?: Buffer}): Promise<GitEnd> {
  const end = await execa('git', args, {
    cwd: folder,
    env,
    extendEnv: false,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: maxOutputBytes,
    ...(input === undefined ? {stdin: 'ignore'} : {input}),
  })
  if (end.code === 'ENOENT') {
    throw new HomeportError('TOOL_MISSING', `${folder} belongs to a git repository, and git is not on the PATH.`, {
      hint: 'Install git: it knows which files are the app’s.',
    })
  }
  if (end.exitCode === undefined) throw gitFailed(folder, end.shortMessage ?? '')
  return {exitCode: end.exitCode, stdout: Buffer.from(end.stdout), stderr: Buffer.from(end.stderr).toString()}
}

function gitFailed(folder: string, stderr: string): HomeportError {
  const [reason = ''] = stderr.split('\n').filter(line => line !== '')
  return new HomeportError('FILE_UNREADABLE', `git cannot read ${folder}: ${reason}`, {hint: 'Run `git status` there to see more.'})
}
