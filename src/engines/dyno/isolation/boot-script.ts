/**
 * Variables that would change the programs which open a dyno's isolation (some of them as root) before the dyno itself
 * runs: the loader's, perl's and the shells'.
 */
const reachesLaunchers =
  /^(?:LD_\w*|GLIBC_\w*|MALLOC_\w*|GCONV_\w*|PERL\w*|LOCPATH|NLSPATH|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PS4|IFS|CDPATH)$/
const keptPrefix = 'HOMEPORT_KEPT_'

/** The environment of a dyno while its isolation is opened: `keepVariables` puts aside what the boot script brings back. */
export function keepVariables(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [reachesLaunchers.test(name) ? `${keptPrefix}${name}` : name, value]),
  )
}

export type BootOptions = {
  /** The variables of the dyno, as `keepVariables` gave them. */
  readonly env: Readonly<Record<string, string>>
  /** RLIMIT_NPROC, where no cgroup counts processes. */
  readonly processes?: number
  /** A slug's dyno: reads the profile scripts as the platform does. */
  readonly isLogin: boolean
}

/** Ends in a newline, since a shell reads line by line: what follows may use everything that was set, or be wrong in itself. */
function bootLines({env, processes, isLogin}: BootOptions): string {
  const kept = Object.keys(env).filter(name => name.startsWith(keptPrefix))
  return [
    ...(processes === undefined ? [] : [`ulimit -u ${processes} 2>/dev/null || ulimit -p ${processes} 2>/dev/null`]),
    ...kept.map(name => `export ${name.slice(keptPrefix.length)}="$${name}"; unset ${name}`),
    ...(isLogin ? loginLines : []),
  ]
    .map(line => `${line}\n`)
    .join('')
}

/**
 * platform.md c.2: /etc/profile, every `.profile.d/*.sh` in alphabetical order, `.profile`; config vars are set before, so
 * that scripts read and override them. /etc/profile of some systems replaces PATH: the dyno's is put back, which is the
 * platform's or a config var.
 */
const loginLines = [
  'HOMEPORT_PATH="$PATH"; [ -r /etc/profile ] && . /etc/profile; PATH="$HOMEPORT_PATH"; unset HOMEPORT_PATH',
  'for homeport_script in "$HOME"/.profile.d/*.sh; do [ -r "$homeport_script" ] && . "$homeport_script"; done; unset homeport_script',
  '[ -r "$HOME/.profile" ] && . "$HOME/.profile"',
] as const

export type Shell = {readonly file: string; readonly isBash: boolean}

/**
 * The argv that runs a dyno's command in `shell`, its text untouched; an exact argv is run without a shell reading it.
 * A folder's dyno that needs nothing before its command is a plain `bash -c COMMAND`.
 */
export function commandArgv(command: string | readonly string[], shell: Shell, options: BootOptions): readonly string[] {
  const boot = bootLines(options)
  if (typeof command !== 'string' && boot === '') return command
  const login = options.isLogin && shell.isBash ? ['--noprofile', '--login'] : []
  const name = shell.isBash ? 'bash' : 'sh'
  if (typeof command === 'string') return [shell.file, ...login, '-c', `${boot}${command}`]
  return [shell.file, ...login, '-c', `${boot}exec "$@"`, name, ...command]
}

/** The argv with its variables brought back that `keepVariables` put aside, where there are any. */
export function restoringArgv(argv: readonly string[], shell: Shell, env: Readonly<Record<string, string>>): readonly string[] {
  return commandArgv(argv, shell, {env, isLogin: false})
}
