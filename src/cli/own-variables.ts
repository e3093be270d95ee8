/** Variables of Node that bin/homeport keeps away from our own Node: it leaves the shell's value, or nothing, under a name of ours. */
export const keptVariables = ['NODE_OPTIONS', 'NODE_COMPILE_CACHE'] as const

/** `HOMEPORT_SHELL_NODE_OPTIONS` */
export function keptName(variable: string): string {
  return `HOMEPORT_SHELL_${variable}`
}

/** Flags of `start`: each has a variable (cli.md section 1). */
const startFlags = [
  'after',
  'boot-timeout',
  'build',
  'build-network',
  'buildpack',
  'clear-cache',
  'commit',
  'detach',
  'domain',
  'env',
  'env-var',
  'except',
  'exit-on',
  'expand',
  'formation',
  'forwarded-proto',
  'isolation',
  'json',
  'listen',
  'log-format',
  'port',
  'procfile',
  'root',
  'router',
  'size',
  'slug',
  'stack',
  'timeout-stop',
  'timestamps',
  'tls',
  'tls-port',
  'tty',
  'watch',
]

const ownVariables: ReadonlySet<string> = new Set([
  'HOMEPORT_HOME',
  'HOMEPORT_TIME_SCALE',
  'HOMEPORT_DEBUG',
  'HOMEPORT_DETACHED',
  ...keptVariables.map(keptName),
  ...startFlags.map(flagVariable),
])

/** Whether a variable is a setting of Homeport's, which dynos do not get. `HOMEPORT_URL_<TYPE>` is none: dynos read it. */
export function isOwnVariable(name: string): boolean {
  return ownVariables.has(name)
}

/** `--log-format` has the variable `HOMEPORT_LOG_FORMAT`. */
export function flagVariable(flag: string): string {
  return `HOMEPORT_${flag.toUpperCase().replaceAll('-', '_')}`
}
