import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import {isatty} from 'node:tty'
import {Command, Flags, type Interfaces} from '@oclif/core'
import {orderedJson} from '../lib/ordered-json.ts'
import {HomeportError} from '../model/error.ts'
import type {Settings} from '../model/settings.ts'
import {endOfFlags, type FlagShapes} from './argv.ts'
import {type Paint, painter, wantsColour} from './colour.ts'
import {type FlagSources, flagWords} from './flag-sources.ts'
import {renderWarning} from './render/error.ts'
import {reportError} from './report-error.ts'
import {ownSettings} from './settings.ts'
import {SignalError, untilEnded} from './until-ended.ts'
import {usageError} from './usage-error.ts'
import {writeNow} from './write.ts'

const helpGroup = 'GLOBAL'

type Values = Readonly<Record<string, unknown>>

/** Flags of every command (cli.md section 1). */
export const sharedFlags = {
  root: Flags.string({
    summary: "The app's folder (default: the current one).",
    helpValue: 'DIR',
    helpGroup,
    noCacheDefault: true,
    default: async () => folder('.'),
    parse: async path => folder(path),
  }),
  app: Flags.string({char: 'a', summary: 'A running app by its name, or an app of the pool.', helpValue: 'NAME', helpGroup}),
  json: Flags.boolean({summary: 'One JSON document on stdout; streams: one object a line.', helpGroup}),
  color: Flags.boolean({summary: 'No colour on a terminal.', helpLabel: '    --no-color', helpGroup, allowNo: true}),
}

/**
 * The base of every command: shared flags, colour, signals, and the one place where an error becomes text and an exit code.
 * A subclass parses, calls one verb and renders; what its `run` returns is the document of `--json`.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = sharedFlags
  /** Flags after the first argument belong to that argument: `run npm --help`; after the second, when this is 2: `ps:exec web.1 ls -l`. */
  static readonly endsFlagsAtArgument: boolean | number = false
  /** Each flag can be set by a variable and by files of the folder (cli.md section 1): `start`. */
  static readonly readsFlagVariables: boolean = false
  /** The command hears signals itself. Otherwise one of them disposes of `cleanUp` and ends the command with 128 + S. */
  static readonly hearsSignals: boolean = false

  /** What the command undoes when it ends, in any way but SIGKILL. */
  protected readonly cleanUp = new AsyncDisposableStack()
  /** The exit code of a command that did its work, for those that pass one on. */
  protected exitCode = 0

  /** Where flags were set that were not typed: `HOMEPORT_PORT`, `HOMEPORT_PORT in .homeport.env`, `.foreman`. */
  protected flagOrigins: ReadonlyMap<string, string> = new Map()

  readonly #flagWords: readonly string[]
  #settings: Settings | undefined

  constructor(argv: string[], config: Command['config']) {
    super(argv, config)
    const {endsFlagsAtArgument, flags} = this.#class
    const end = endOfFlags(argv, {...flags, ...sharedFlags}, {endsAtArgument: endsFlagsAtArgument})
    this.#flagWords = argv.slice(0, end)
    if (endsFlagsAtArgument && end < argv.length && argv[end] !== '--') this.argv = [...this.#flagWords, '--', ...argv.slice(end)]
  }

  abstract override run(): Promise<unknown>

  /** Runs the command to its end and gives the exit code. Never throws. */
  async execute(): Promise<number> {
    const code = await this.#attempt(async () => {
      const result = await untilEnded(() => this.run(), {hearsSignals: this.#class.hearsSignals})
      if (this.jsonEnabled() && result !== undefined) writeNow(1, `${orderedJson(result)}\n`)
      return this.exitCode
    })
    const cleanUpCode = await this.#attempt(async () => {
      await this.cleanUp.disposeAsync()
      return 0
    })
    return code === 0 ? cleanUpCode : code
  }

  override jsonEnabled(): boolean {
    return this.#flagWords.includes('--json') || this.flagOrigins.has('json')
  }

  /** Writes a warning to stderr, in the shape of an error. */
  override warn(input: Error | string): Error | string {
    const paint = painter(wantsColour({isTerminal: isatty(2), flag: this.#colourFlag, env: process.env}))
    writeNow(2, renderWarning(input instanceof Error ? input.message : input, paint))
    return input
  }

  /** Whether stdout may have colours. */
  protected get isColoured(): boolean {
    return wantsColour({isTerminal: isatty(1), flag: this.#colourFlag, env: process.env})
  }

  /** Colours for stdout, where it may have them. */
  protected get paint(): Paint {
    return painter(this.isColoured)
  }

  /** What the environment says about Homeport itself; throws when it says something wrong. */
  protected get settings(): Settings {
    this.#settings ??= ownSettings()
    return this.#settings
  }

  /** Does work that can be called off: when the command ends early the signal aborts, and the work may still clean up. */
  protected async untilCalledOff<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController()
    const working = work(stop.signal)
    this.cleanUp.defer(async () => {
      stop.abort()
      await working.catch(() => {})
    })
    return await working
  }

  /** Parses by the rules that hold for all commands: a repeatable flag takes one word, an argument is never read from stdin. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options: Interfaces.Input<F, B, A>,
    argv = this.argv,
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    const args = withEach(options.args, {ignoreStdin: true})
    const flags = withEach(options.flags, {multipleNonGreedy: true})
    const words = this.#class.readsFlagVariables ? await this.#wordsFromElsewhere() : []
    return await super.parse<F, B, A>({...options, args, flags, baseFlags: options.baseFlags} as Interfaces.Input<F, B, A>, [
      ...words,
      ...argv,
    ])
  }

  /** Flags that files of the folder set, for a command that `readsFlagVariables`. */
  protected async flagFiles(): Promise<Omit<FlagSources, 'shell'>> {
    return {}
  }

  async #wordsFromElsewhere(): Promise<readonly string[]> {
    const sources = {shell: process.env, ...(await this.flagFiles())}
    const {words, origins} = flagWords(this.#flagWords, this.#class.flags, sources)
    this.flagOrigins = origins
    return words
  }

  get #class(): typeof BaseCommand {
    return this.constructor as typeof BaseCommand
  }

  get #colourFlag(): boolean | undefined {
    if (this.#flagWords.includes('--no-color')) return false
    return this.#flagWords.includes('--color') ? true : undefined
  }

  async #attempt(action: () => Promise<number>): Promise<number> {
    try {
      return await action()
    } catch (error) {
      if (error instanceof SignalError) return error.exitCode
      const context = {command: this.id ?? '', flags: flagNames({...this.#class.flags, ...sharedFlags}), origins: this.flagOrigins}
      return reportError(usageError(error, context), {isJson: this.jsonEnabled(), colourFlag: this.#colourFlag})
    }
  }
}

/** Absolute path of a folder that must be there. */
function folder(path: string): string {
  const absolute = resolve(path)
  if (statSync(absolute, {throwIfNoEntry: false})?.isDirectory() === true) return absolute
  throw new HomeportError('ROOT_NOT_A_FOLDER', `${absolute} is no folder.`, {hint: "Name the app's folder with --root DIR."})
}

function flagNames(flags: FlagShapes): readonly string[] {
  return Object.entries(flags).flatMap(([name, {allowNo}]) => (allowNo ? [name, `no-${name}`] : [name]))
}

function withEach<T extends object>(definitions: T | undefined, extra: Values): T {
  const entries: readonly [string, object][] = Object.entries(definitions ?? {})
  return Object.fromEntries(entries.map(([name, definition]) => [name, {...definition, ...extra}])) as T
}
