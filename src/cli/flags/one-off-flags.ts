import type {FlagTable} from './flag-table.ts'
import {buildFlags, commonFlags, runFlags} from './start-flags.ts'

/** Whether a command that was typed at a terminal gets one of its own: `run`, `ps:exec`. */
export const terminalFlags = {
  'no-tty': {type: 'boolean', summary: 'No terminal of its own: stdout and stderr stay apart.'},
} as const satisfies FlagTable

/** Flags of `run` (cli.md section 5). */
export const oneOffFlags = {
  ...commonFlags,
  ...runFlags,
  size: {type: 'option', char: 's', helpValue: 'SIZE', summary: 'Dyno size, with its memory quota.'},
  ...terminalFlags,
  detach: {type: 'boolean', char: 'd', summary: 'In the background, with its output in the log.'},
  'exit-code': {type: 'boolean', char: 'x', summary: 'For scripts made for Heroku: the exit code is passed on in any case.'},
  ...buildFlags,
} as const satisfies FlagTable
