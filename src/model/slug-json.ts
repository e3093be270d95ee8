import type {ProcessTypes} from './formation.ts'
import type {SlugPlatform} from './slug-platform.ts'

/** What a slug says about itself, in the file `.homeport/slug.json` of its tree (cli.md section 7). */
export type SlugJson = SlugPlatform & {readonly processTypes: ProcessTypes; readonly stack: string}

/** Where it is, relative to the app's folder. */
export const slugJsonPath = {folder: '.homeport', file: 'slug.json', path: '.homeport/slug.json'} as const

/** Bytes of a slug.json: a thousand process types with long commands fit in. */
export const maxSlugJsonBytes = 1024 * 1024

const keys = ['arch', 'libc', 'os', 'processTypes', 'stack'] as const
const words = {
  os: ['any', 'linux', 'darwin', 'freebsd'],
  arch: ['any', 'x64', 'arm64', 'ia32', 'arm', 'riscv64', 's390x', 'ppc64', 'loong64', 'mips'],
  libc: ['any', 'glibc', 'musl'],
} as const

/** The bytes of a slug.json, always the same for the same facts: keys in order, no blanks (RFC 8785). */
export function renderSlugJson({processTypes, stack, os, arch, libc}: SlugJson): string {
  const types = [...processTypes].sort(([one], [other]) => (one < other ? -1 : 1))
  const members = types.map(([type, command]) => `${JSON.stringify(type)}:${JSON.stringify(command)}`)
  const text = (value: string) => JSON.stringify(value)
  return `{"arch":${text(arch)},"libc":${text(libc)},"os":${text(os)},"processTypes":{${members.join(',')}},"stack":${text(stack)}}`
}

/** Reads a slug.json that others may have written; a text instead says what is wrong with it. */
export function readSlugJson(bytes: Uint8Array): SlugJson | string {
  if (bytes.length > maxSlugJsonBytes) return `more than ${maxSlugJsonBytes} bytes`
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no JSON object'
  const fields = new Map<string, unknown>(Object.entries(value))
  const missing = keys.find(key => !fields.has(key))
  if (missing !== undefined) return `${missing} is missing`
  const unknown = [...fields.keys()].find(key => !keys.some(known => known === key))
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is no key of it`
  const [os, arch, libc] = [fields.get('os'), fields.get('arch'), fields.get('libc')]
  if (!isOneOf(words.os, os)) return `os is none of ${words.os.join(', ')}`
  if (!isOneOf(words.arch, arch)) return `arch is none of ${words.arch.join(', ')}`
  if (!isOneOf(words.libc, libc)) return `libc is none of ${words.libc.join(', ')}`
  const stack = fields.get('stack')
  if (!isStackName(stack)) return 'stack is no name of a stack'
  const processTypes = readProcessTypes(fields.get('processTypes'))
  return typeof processTypes === 'string' ? processTypes : {processTypes, stack, os, arch, libc}
}

/** `heroku-24`, or the name of an image: one word without blanks. */
export function isStackName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9][\w./:@-]{0,127}$/.test(value)
}

function readProcessTypes(value: unknown): ProcessTypes | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'processTypes is no object'
  const types = new Map<string, string>()
  for (const [type, command] of Object.entries(value)) {
    if (!/^\w[\w-]*$/.test(type)) return `${JSON.stringify(type)} is no name of a process type`
    if (typeof command !== 'string' || command.trim() === '' || command.includes('\0')) return `the command of ${type} is no command`
    types.set(type, command)
  }
  return types.size === 0 ? 'processTypes is empty' : types
}

function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return list.some(word => word === value)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch {
    return undefined
  }
}
