import {UnsafeFolderError} from '../lib/private-folder.ts'
import {type ErrorClass, exitCodes, HomeportError, type Place} from '../model/error.ts'

/** An error as it is shown: the user's to solve, or ours. */
export type ErrorFacts = {
  readonly code: string
  readonly class: ErrorClass
  readonly exitCode: number
  readonly message: string
  readonly hint?: string
  readonly place?: Place
  readonly stack?: string
}

/** What to say about anything that was thrown. What the user cannot solve is a bug of ours. */
export function describeError(error: unknown): ErrorFacts {
  const known = error instanceof HomeportError ? error : machineError(error)
  return known === undefined ? describeBug(error) : describeKnown(known)
}

function describeKnown(error: HomeportError): ErrorFacts {
  return {
    code: error.code,
    class: error.errorClass,
    exitCode: error.exitCode,
    message: error.message,
    ...(error.hint === undefined ? {} : {hint: error.hint}),
    ...(error.place === undefined ? {} : {place: error.place}),
    ...stackOf(error),
  }
}

function describeBug(error: unknown): ErrorFacts {
  const message = error instanceof Error ? error.message || error.name : String(error)
  return {
    code: 'BUG',
    class: 'BUG',
    exitCode: exitCodes.BUG,
    message: `A bug in Homeport: ${message}`,
    hint: 'Please report it, with the lines below and what you typed.',
    ...stackOf(error),
  }
}

/** Errors of the machine that can meet any command, and that nobody nearer has explained. */
function machineError(error: unknown): HomeportError | undefined {
  if (error instanceof UnsafeFolderError) {
    return new HomeportError('STATE_FOLDER_UNSAFE', error.message, {
      hint: 'Homeport keeps keys and sockets there, so it uses only a folder of yours alone. Remove it, or name another with HOMEPORT_HOME.',
      cause: error,
    })
  }
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new HomeportError('DISK_FULL', `No space is left on the disk: ${error.message}`, {
      hint: 'Make room, then try again.',
      cause: error,
    })
  }
  if (error.code === 'EMFILE' || error.code === 'ENFILE') {
    return new HomeportError('TOO_MANY_FILES', `No more files and sockets may be opened: ${error.message}`, {
      hint: 'Start fewer dynos, or raise the limit, for example with `ulimit -n 4096`.',
      cause: error,
    })
  }
  if (error.code === 'ENOENT' && 'syscall' in error && error.syscall === 'uv_cwd') {
    return new HomeportError('ROOT_NOT_A_FOLDER', 'The current folder is gone.', {hint: 'Go to another one.', cause: error})
  }
  if (error.code === 'EROFS') {
    return new HomeportError('NO_PERMISSION', `The disk is read-only: ${error.message}`, {
      hint: 'To keep state, cache and sockets elsewhere, name a folder with HOMEPORT_HOME.',
      cause: error,
    })
  }
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new HomeportError('NO_PERMISSION', `This user may not do that: ${error.message}`, {cause: error})
  }
  return undefined
}

/** The stack, and those of its causes. */
function stackOf(error: unknown): {readonly stack?: string} {
  const stacks: string[] = []
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth++) {
    stacks.push(`${depth === 0 ? '' : 'Caused by: '}${current.stack ?? String(current)}`)
  }
  return stacks.length === 0 ? {} : {stack: stacks.join('\n')}
}
