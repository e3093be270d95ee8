import {writeSync} from 'node:fs'
import {isTerminal} from './is-terminal.ts'

/** What a shell shows for a program that wrote to a pipe nobody reads: 128 + SIGPIPE (cli.md section 1). */
export const stdoutClosedCode = 141

/** Standard output was closed by its reader: everything stops, without a word. */
export class StdoutClosedError extends Error {}

/** Whether the user's terminal makes `\n` a new line: not while it is handed over to a program, and then we do it for what we say. */
export const newlines = {areConverted: true}

/**
 * Writes all of `text` to a descriptor before it returns: for short answers, where `process.stdout` would first load streams,
 * net and tty. Throws StdoutClosedError when nobody reads standard output any more; errors for which there is no reader are lost.
 */
export function writeNow(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(newlines.areConverted || !isTerminal(descriptor) ? text : text.replaceAll('\n', '\r\n'))
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      if (code === 'EAGAIN')
        pause() // non-blocking, by the will of whoever holds the other end, and full
      else if (descriptor === 2) return
      else if (code === 'EPIPE') throw new StdoutClosedError('', {cause: error})
      else throw error
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
}
