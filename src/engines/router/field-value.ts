/** Header values whose parts mean something to the router, and header lines that must go. Off the fast path. */

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const parameter = `${token}(?:=(?:${token}|"(?:[^"\\\\]|\\\\.)*"))?`

const tokenPattern = new RegExp(`^${token}$`)
const expectationPattern = new RegExp(`^${parameter}(?:[ \\t]*;[ \\t]*${parameter})*$`)

/**
 * What Connection may say without a header going: options that are no headers, headers that go anyway, and those without which
 * the message would change its length or its goal.
 */
const dropsNothing = new Set(['close', 'content-length', 'host', 'keep-alive', 'te', 'transfer-encoding', 'upgrade'])

/** The lower-case tokens of a comma list such as Connection; undefined when it holds something else, or nothing. */
export function readTokens(value: string): readonly string[] | undefined {
  const tokens = listItems(value.toLowerCase())
  return tokens.length > 0 && tokens.every(item => tokenPattern.test(item)) ? tokens : undefined
}

/** What an Expect header asks for (platform.md b.4.2): `100 continue` is no expectation at all, `later` is one we do not know. */
export function readExpect(value: string): 'none' | 'continue' | 'unsupported' | 'malformed' {
  if (value === '') return 'none'
  if (value.toLowerCase() === '100-continue') return 'continue'
  const items = listItems(value)
  return items.length > 0 && items.every(item => expectationPattern.test(item)) ? 'unsupported' : 'malformed'
}

/** Header lines (each with its CRLF) without the named ones, those that frame or direct a message excepted. */
export function dropNamed(lines: string, names: readonly string[]): string {
  const dropped = names.filter(name => !dropsNothing.has(name))
  return dropped.length === 0 ? lines : dropLines(lines, dropped)
}

/** Header lines without those whose lower-case names are given. */
export function dropLines(lines: string, names: readonly string[]): string {
  return lines
    .split('\r\n')
    .filter(line => !names.includes(line.slice(0, line.indexOf(':')).toLowerCase()))
    .join('\r\n')
}

function listItems(value: string): readonly string[] {
  return value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}
