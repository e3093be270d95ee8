import type {ProcessTypes} from './formation.ts'

/** The shape of a build's output (platform.md d.3, d.5): headings, body, warnings. Pure text without its newline. */
export function heading(text: string): string {
  return `-----> ${text}`
}

export function body(text: string): string {
  return text === '' ? '' : `       ${text}`
}

export function warning(text: string): string {
  return ` !     ${text}`
}

/** `heroku-24` as its own builds call it: `Heroku-24`. */
export function stackTitle(stack: string): string {
  return stack.charAt(0).toUpperCase() + stack.slice(1)
}

/** Bytes as the platform writes them: `812K`, `45.2M`, `823M`, `1.5G`. */
export function renderSize(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T']
  let size = bytes
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  const digits = unit < 2 || size >= 100 || Number.isInteger(size) ? 0 : 1
  return `${size.toFixed(digits)}${units[unit]}`
}

/** The lines under `Discovering process types` (platform.md a.1). */
export function renderProcessTypes({
  procfile,
  defaults,
  language,
}: {
  procfile: ProcessTypes
  defaults: ProcessTypes
  language: string
}): string[] {
  const lines = [body(`Procfile declares types -> ${[...procfile.keys()].join(', ') || '(none)'}`)]
  const added = [...defaults.keys()].filter(type => !procfile.has(type))
  if (added.length > 0) lines.push(body(`Default types for ${language} -> ${added.join(', ')}`))
  return lines
}

/** Process types of a slug: the Procfile's in their order, then the defaults that it does not name (platform.md a.2). */
export function mergeProcessTypes(procfile: ProcessTypes, defaults: ProcessTypes): ProcessTypes {
  return new Map([...procfile, ...[...defaults].filter(([type]) => !procfile.has(type))])
}
