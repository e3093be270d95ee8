import {readYaml} from '../lib/yaml.ts'
import {YamlError} from '../lib/yaml-flow.ts'
import {HomeportError} from './error.ts'
import type {ProcessTypes} from './formation.ts'

/** What `bin/release` of the last buildpack says (platform.md d.3). */
export type ReleaseOutput = {
  readonly defaultProcessTypes: ProcessTypes
  /** Add-ons it would like on a first deploy. */
  readonly addOns: readonly string[]
}

/** Reads the YAML of `bin/release`: nothing, `---`, `--- {}` or a document. Throws BUILD_FAILED when it is none. */
export function readReleaseOutput(text: string, buildpack: string): ReleaseOutput {
  const document = parse(text, buildpack)
  if (document === null) return {defaultProcessTypes: new Map(), addOns: []}
  if (!(document instanceof Map)) throw unreadable(buildpack, 'it is no mapping')
  const types: unknown = document.get('default_process_types') ?? null
  if (types !== null && !(types instanceof Map)) throw unreadable(buildpack, '“default_process_types” is no mapping')
  const addOns: unknown = document.get('addons')
  return {
    defaultProcessTypes: new Map([...(types ?? [])].filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    addOns: Array.isArray(addOns) ? addOns.filter(name => typeof name === 'string') : [],
  }
}

function parse(text: string, buildpack: string): ReturnType<typeof readYaml> {
  try {
    return readYaml(text)
  } catch (error) {
    if (error instanceof YamlError) throw unreadable(buildpack, `line ${error.line}: ${error.message}`, error)
    throw error
  }
}

function unreadable(buildpack: string, why: string, cause?: unknown): HomeportError {
  return new HomeportError('BUILD_FAILED', `What bin/release of ${buildpack} printed is not YAML (${why}).`, {
    hint: 'It prints `default_process_types:` and below it `  web: COMMAND`, or nothing.',
    cause,
  })
}
