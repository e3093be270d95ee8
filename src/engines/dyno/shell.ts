import {lookUpProgram} from '../../lib/look-up-program.ts'
import type {CommandLine, DynoSpec} from '../../model/dyno.ts'

/** The shell that runs the commands of a Procfile: `bash`, or `sh` where there is no bash. */
export type Shell = {readonly path: string}

/** Found once, at the start, in the user's PATH; `/bin/bash` and `/bin/sh` when PATH leads to none. */
export function findShell(searchPath: string): Shell {
  for (const name of ['bash', '/bin/bash', '/usr/bin/bash', 'sh']) {
    const found = lookUpProgram(name, searchPath)
    if ('path' in found) return found
  }
  return {path: '/bin/sh'}
}

/** What is started for a dyno without any isolation: `bash -c COMMAND`, the text untouched, or an exact argv. */
export function planCommandLine({command, env, cwd}: DynoSpec, shell: Shell): CommandLine {
  if (typeof command === 'string') {
    // By its name where the dyno's own PATH leads there too: the shell's messages begin with what it was called.
    const name = shell.path.slice(shell.path.lastIndexOf('/') + 1)
    const found = lookUpProgram(name, env['PATH'] ?? '', cwd)
    return {file: 'path' in found && found.path === shell.path ? name : shell.path, args: ['-c', command], env, cwd}
  }
  const [file = '', ...args] = command
  return {file, args, env, cwd}
}
