/** Whether to write colours, by the rules of cli.md section 1: only on a terminal, never with NO_COLOR or --no-color; FORCE_COLOR forces. */
export function wantsColour({isTerminal, flag, env}: ColourWishes): boolean {
  if (flag === false || (env['NO_COLOR'] ?? '') !== '') return false
  if (flag === true) return true
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  return isTerminal && env['TERM'] !== 'dumb'
}

export type ColourWishes = {
  readonly isTerminal: boolean
  /** `--color` or `--no-color`, when one was typed. */
  readonly flag?: boolean | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const

export type Style = keyof typeof codes

/** Puts text into a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

export function painter(isColoured: boolean): Paint {
  if (!isColoured) return (_, text) => text
  return (style, text) => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`
}
