/**
 * JSON with two blanks of indent, as `JSON.stringify(value, null, 2)` writes it, but with a Map as an object in the Map's own order:
 * an object sorts names like `1` to its front. Members without a value are left out.
 */
export function orderedJson(value: unknown, indent = ''): string {
  const inner = `${indent}  `
  if (value instanceof Map) return block('{}', members([...value], inner), indent)
  if (Array.isArray(value))
    return block(
      '[]',
      value.map(item => inner + orderedJson(item ?? null, inner)),
      indent,
    )
  if (isPlain(value)) return block('{}', members(Object.entries(value), inner), indent)
  return JSON.stringify(value)
}

function members(entries: readonly (readonly [unknown, unknown])[], indent: string): readonly string[] {
  return entries
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${indent}${JSON.stringify(String(name))}: ${orderedJson(value, indent)}`)
}

function block([open = '', close = '']: string, lines: readonly string[], indent: string): string {
  return lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !('toJSON' in value)
}
