import {Flags, type Interfaces} from '@oclif/core'
import type {FlagSpec, FlagTable, FlagValues} from './flag-table.ts'

type OclifFlags = Interfaces.FlagInput

/** The flags of a table in the form of the command framework; shared ones are left out, since the base command has them. */
export function oclifFlags(table: FlagTable, shared: Readonly<Record<string, unknown>>): OclifFlags {
  const own = Object.entries(table).filter(([name]) => !Object.hasOwn(shared, name))
  return Object.fromEntries(own.map(([name, spec]) => [name, makeFlag(spec)]))
}

function makeFlag({type, isInteger, isList: _, options, ...spec}: FlagSpec): OclifFlags[string] {
  if (type === 'boolean') return Flags.boolean(spec as object)
  if (isInteger) return Flags.integer({...(spec as object), min: 0})
  return Flags.string({...(spec as object), ...(options === undefined ? {} : {options: [...options]})})
}

/** What the framework parsed, as the quick parser would give it. */
export function flagValues(parsed: Readonly<Record<string, unknown>>): FlagValues {
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined)) as FlagValues
}
