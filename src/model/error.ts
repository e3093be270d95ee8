/** Who can act on an error; each class is one exit code of the contract (cli.md section 1). */
export const exitCodes = {
  BUG: 1,
  USAGE: 2,
  APP: 3,
  BUILD: 4,
  MACHINE: 5,
  DYNO: 6,
  TARGET: 7,
  CHECK: 8,
} as const

export type ErrorClass = keyof typeof exitCodes

/** Every error the user can solve, by a name that never changes, with the class that gives it an exit code. */
export const errorClasses = {
  ALREADY_RUNNING: 'MACHINE',
  APP_JSON_INVALID: 'APP',
  APP_NOT_RUNNING: 'MACHINE',
  ARCHIVE_REFUSED: 'BUILD',
  AUTHORITY_UNUSABLE: 'MACHINE',
  BUILDPACK_NOT_FOUND: 'BUILD',
  BUILD_FAILED: 'BUILD',
  CHECK_FAILED: 'CHECK',
  CONFIG_VAR_INVALID: 'USAGE',
  CONFIG_VAR_REQUIRED: 'APP',
  CREDENTIALS_MISSING: 'TARGET',
  DEPLOY_CONFLICT: 'TARGET',
  DEPLOY_ROLLED_BACK: 'TARGET',
  DISK_FULL: 'MACHINE',
  DYNO_CRASHED: 'DYNO',
  DYNO_NOT_BOOTED: 'DYNO',
  ENV_FILE_INVALID: 'APP',
  ENV_FILE_MISSING: 'APP',
  FILE_UNREADABLE: 'APP',
  FLAG_INVALID: 'USAGE',
  ISOLATION_UNAVAILABLE: 'MACHINE',
  NO_BUILDPACK: 'BUILD',
  NO_HISTORY: 'MACHINE',
  NO_PERMISSION: 'MACHINE',
  NO_PROCESS_TYPES: 'APP',
  NOTHING_RUNNING: 'MACHINE',
  NOT_ANSWERING: 'MACHINE',
  POOL_UNKNOWN: 'USAGE',
  POOL_UNREACHABLE: 'TARGET',
  PORT_INVALID: 'APP',
  PORT_TAKEN: 'MACHINE',
  PROBLEMS_FOUND: 'APP',
  PROCFILE_INVALID: 'APP',
  PROCFILE_MISSING: 'APP',
  QUORUM_LOST: 'TARGET',
  RELEASE_FAILED: 'DYNO',
  RIGHT_MISSING: 'TARGET',
  ROOT_NOT_A_FOLDER: 'USAGE',
  SLUG_DAMAGED: 'MACHINE',
  SLUG_STORE_BUSY: 'MACHINE',
  SLUG_TOO_LARGE: 'BUILD',
  SLUG_UNKNOWN: 'USAGE',
  SLUGIGNORE_INVALID: 'APP',
  STATE_FOLDER_UNSAFE: 'MACHINE',
  SLUG_UNFIT: 'TARGET',
  TARGET_FAILED: 'TARGET',
  TOOL_MISSING: 'MACHINE',
  TOO_MANY_FILES: 'MACHINE',
  UNKNOWN_APP: 'USAGE',
  UNKNOWN_COMMAND: 'USAGE',
  UNKNOWN_DYNO: 'USAGE',
  UNKNOWN_HOST: 'USAGE',
  UNKNOWN_RELEASE: 'USAGE',
  UNKNOWN_TYPE: 'USAGE',
  USAGE: 'USAGE',
} as const satisfies Record<string, ErrorClass>

export type ErrorCode = keyof typeof errorClasses

/** A place in a file of the user's: line and column count from 1. */
export type Place = {readonly file: string; readonly line?: number; readonly column?: number}

export type ErrorOptions = {
  /** What to do now, with the command to type. */
  readonly hint?: string
  readonly place?: Place
  readonly cause?: unknown
}

/** What the user can solve: a message (what happened), a hint (what to do now), a place where there is one. All else is a bug. */
export class HomeportError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly place: Place | undefined

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, {cause: options.cause})
    this.name = 'HomeportError'
    this.code = code
    this.hint = options.hint
    this.place = options.place
  }

  get errorClass(): ErrorClass {
    return errorClasses[this.code]
  }

  get exitCode(): number {
    return exitCodes[this.errorClass]
  }
}

/** `Procfile:3:1`, as much of it as is known. */
export function renderPlace({file, line, column}: Place): string {
  return [file, line, column].filter(part => part !== undefined).join(':')
}
