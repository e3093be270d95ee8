import {spawn} from 'node:child_process'
import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The program under test: bin/homeport of this checkout, or the binary that HOMEPORT_TEST_PROGRAM names. */
export const program = resolve(process.env['HOMEPORT_TEST_PROGRAM'] ?? fileURLToPath(new URL('../../bin/homeport', import.meta.url)))

export type RunResult = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export type RunOptions = {
  readonly cwd?: string
  /** Beside PATH and HOME of this process; a value of undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly file?: string
}

/** Runs the program to its end, without a terminal and with an empty standard input. */
export function homeport(args: readonly string[], {cwd, env = {}, file = program}: RunOptions = {}): Promise<RunResult> {
  const {PATH, HOME} = process.env
  const child = spawn(file, args, {cwd, env: {PATH, HOME, ...env}, stdio: ['ignore', 'pipe', 'pipe']})
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', chunk => stdout.push(chunk))
  child.stderr.on('data', chunk => stderr.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve({code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString()}),
    )
  })
}
