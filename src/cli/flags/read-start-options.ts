import {parseSizes} from '../../model/dyno-size.ts'
import {HomeportError} from '../../model/error.ts'
import type {ExitPolicy} from '../../model/exit-policy.ts'
import type {Limits} from '../../model/limits.ts'
import type {StartOptions} from '../../model/start-options.ts'
import type {FlagValues} from './flag-table.ts'

export type OptionSources = {
  readonly values: FlagValues
  /** Names of the values that were not typed but come from the shell's variables, `.homeport.env` or `.foreman`. */
  readonly untyped: ReadonlySet<string>
  readonly arguments: readonly string[]
  readonly limits: Limits
  readonly isSlug: boolean
  readonly envFilePort?: number
  readonly hasColour: boolean
}

/** The options of `start` out of its flags: a flag beats what stands for it elsewhere; bad values are exit 2. */
export function readStartOptions(sources: OptionSources): StartOptions {
  const {values, untyped, limits, isSlug} = sources
  const formation = optionalText(values, 'formation')
  const tty = optionalText(values, 'tty')
  const isolation = optionalText(values, 'isolation')
  const requiredTier = optionalText(values, 'require-isolation')
  const proto = optionalText(values, 'forwarded-proto')
  return {
    formation: {arguments: sources.arguments, except: list(values, 'except'), ...(formation === undefined ? {} : {formation})},
    port: {
      ...(untyped.has('port') ? optionalPort('variable', values['port'], 'HOMEPORT_PORT') : optionalPort('flag', values['port'], '--port')),
      ...(sources.envFilePort === undefined ? {} : {envFile: sources.envFilePort}),
    },
    addresses: list(values, 'listen'),
    domains: list(values, 'domain'),
    hasRouter: values['router'] !== false,
    exitOn: (optionalText(values, 'exit-on') ?? 'never') as ExitPolicy,
    bootMs: bootMs(optionalText(values, 'boot-timeout'), limits),
    stopMs: seconds(optionalText(values, 'timeout-stop'), '--timeout-stop') ?? (isSlug ? limits.stopSlugMs : limits.stopFolderMs),
    after: list(values, 'after'),
    isWatching: values['watch'] === true,
    ...(requiredTier === undefined ? {} : {requiredTier: requiredTier as NonNullable<StartOptions['requiredTier']>}),
    sizes: parseSizes(list(values, 'size')),
    ...(isolation === undefined ? {} : {isolation: isolation as NonNullable<StartOptions['isolation']>}),
    hasColour: sources.hasColour,
    ...(values['tls'] === true || (values['tls-port'] !== undefined && values['tls'] !== false) ? {tls: tlsPort(values, untyped)} : {}),
    ...(tty === undefined ? {} : {tty}),
    ...(proto === undefined ? {} : {forwardedProto: proto as 'http' | 'https'}),
  }
}

/** `--tls-port` asks for TLS too, unless `--no-tls` stands beside it. */
function tlsPort(values: FlagValues, untyped: ReadonlySet<string>): {readonly flag?: number; readonly variable?: number} {
  const value = values['tls-port']
  return untyped.has('tls-port') ? optionalPort('variable', value, 'HOMEPORT_TLS_PORT') : optionalPort('flag', value, '--tls-port')
}

/** A repeatable flag whose values may be comma lists. */
export function list(values: FlagValues, name: string): readonly string[] {
  const value = values[name]
  const parts = Array.isArray(value) ? value : value === undefined ? [] : [String(value)]
  return parts.flatMap(part => String(part).split(',')).filter(part => part !== '')
}

export function optionalText(values: FlagValues, name: string): string | undefined {
  const value = values[name]
  return value === undefined ? undefined : String(value)
}

function optionalPort<Name extends string>(
  name: Name,
  value: FlagValues[string] | undefined,
  flag: string,
): {readonly [key in Name]?: number} {
  if (value === undefined) return {}
  const port = Number(value)
  if (!/^\d+$/.test(String(value)) || port > 65_535) {
    throw new HomeportError('FLAG_INVALID', `${flag}: “${value}” is no port.`, {hint: 'A port is a number from 0 to 65535.'})
  }
  return {[name]: port} as {readonly [key in Name]: number}
}

function bootMs(text: string | undefined, limits: Limits): number {
  return text === 'none' ? Number.POSITIVE_INFINITY : (seconds(text, '--boot-timeout') ?? limits.bootMs)
}

function seconds(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+(\.\d+)?$/.test(text)) throw new HomeportError('FLAG_INVALID', `${flag}: “${text}” is no number of seconds.`)
  return Number(text) * 1_000
}
