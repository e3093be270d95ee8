import {startFlags} from './flags/start-flags.ts'

/** Variables of Node that bin/homeport keeps away from our own Node: it leaves the shell's value, or nothing, under a name of ours. */
export const keptVariables = ['NODE_OPTIONS', 'NODE_COMPILE_CACHE'] as const

/** `HOMEPORT_SHELL_NODE_OPTIONS` */
export function keptName(variable: string): string {
  return `HOMEPORT_SHELL_${variable}`
}

const ownVariables: ReadonlySet<string> = new Set([
  'HOMEPORT_HOME',
  'HOMEPORT_TIME_SCALE',
  'HOMEPORT_DEBUG',
  'HOMEPORT_DETACHED',
  ...keptVariables.map(keptName),
  ...Object.keys(startFlags).map(flagVariable),
])

/** Whether a variable is a setting of Homeport's, which dynos do not get. `HOMEPORT_URL_<TYPE>` is none: dynos read it. */
export function isOwnVariable(name: string): boolean {
  return ownVariables.has(name)
}

/** `--log-format` has the variable `HOMEPORT_LOG_FORMAT`. */
export function flagVariable(flag: string): string {
  return `HOMEPORT_${flag.toUpperCase().replaceAll('-', '_')}`
}
