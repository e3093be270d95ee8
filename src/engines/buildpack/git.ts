import {machineEnv} from '../../model/build-env.ts'
import {redactUrl} from '../../model/buildpack.ts'
import {runScript} from './run-script.ts'

type Env = Readonly<Record<string, string>>

/** What git may need of the user's shell: where to look for keys, proxies and certificates, and nothing that steers git. */
const kept = new Set(['PATH', 'HOME', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK', 'XDG_CONFIG_HOME', 'TMPDIR', 'LANG'])

/** Options for every call of git, since repositories come from strangers: no hooks, no file monitor, no helper transports. */
export const gitOptions = ['-c', 'protocol.ext.allow=never', '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'] as const

export type GitEnvOptions = {
  readonly shellEnv: Env
  /** file:// counts for a REF on the command line only. */
  readonly allowFile: boolean
  /** A URL with user and password; git gets it by its environment, since the arguments of a process can be read by everybody. */
  readonly secretUrl?: string
}

/** The environment of git while it fetches: asks nobody, and follows https, ssh, git (and file). */
export function gitEnv({shellEnv, allowFile, secretUrl}: GitEnvOptions): Env {
  const shown = secretUrl === undefined ? undefined : redactUrl(secretUrl)
  return {
    ...Object.fromEntries(Object.entries(shellEnv).filter(([name]) => kept.has(name))),
    ...machineEnv(shellEnv),
    GIT_ALLOW_PROTOCOL: allowFile ? 'https:ssh:git:file' : 'https:ssh:git',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    LC_ALL: 'C',
    ...(secretUrl === undefined || shown === undefined || shown === secretUrl
      ? {}
      : {GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: `url.${secretUrl}.insteadOf`, GIT_CONFIG_VALUE_0: shown}),
  }
}

export type GitOptions = {readonly cwd: string; readonly env: Env; readonly signal: AbortSignal; readonly graceMs: number}
export type GitEnd = {readonly exitCode: number; readonly stdout: string; readonly stderr: string}

const maxStdoutBytes = 256 * 1024 * 1024
const maxStderrBytes = 16 * 1024

/** Runs git with the options above. Its stderr comes back without user and password in URLs. */
export async function git(args: readonly string[], {cwd, env, signal, graceMs}: GitOptions): Promise<GitEnd> {
  let stderr = ''
  const end = await runScript(
    {file: 'git', args: [...gitOptions, ...args], cwd, env},
    {
      signal,
      graceMs,
      captureBytes: maxStdoutBytes,
      onLines: ({lines}, options) => {
        if (!options?.isPartial && stderr.length < maxStderrBytes) stderr += lines.toString('utf8')
      },
    },
  )
  return {...end, stderr: redactUrl(stderr).trim()}
}
