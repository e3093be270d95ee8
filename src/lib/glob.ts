/** A glob of Ruby's `Dir[]`, made ready for matching: what its braces stand for, one by one. */
export type Glob = readonly {readonly segments: readonly GlobSegment[]; readonly matchesFoldersOnly: boolean}[]
type GlobSegment = '**' | readonly GlobToken[]
type GlobToken =
  | {readonly kind: 'text'; readonly text: string}
  | {readonly kind: 'any'}
  | {readonly kind: 'star'}
  | {readonly kind: 'set'; readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[]}

/** `{a,b}` multiplies; more than this is refused. */
const maxAlternatives = 1000

/**
 * Reads a glob: `*` and `?` within a name, a whole name of two stars for any number of folders, `[a-z]`, `[^a-z]`, `{a,b}`, a
 * backslash before a character that stands for itself. As in Ruby, no wildcard matches a dot at the beginning of a name.
 * Nothing when the braces give too many alternatives.
 */
export function readGlob(pattern: string): Glob | undefined {
  return expandBraces(pattern)?.flatMap(readAlternative)
}

/** Whether `glob` names `path`, whose names are separated by `/`. Takes at most the product of both lengths, whatever they are. */
export function matchesGlob(glob: Glob, path: string, isFolder: boolean): boolean {
  const names = path.split('/')
  return glob.some(({segments, matchesFoldersOnly}) => (isFolder || !matchesFoldersOnly) && matchesSegments(segments, names))
}

/** A `**` at the end before a slash names the folder it begins at too. */
function readAlternative(pattern: string): Glob {
  const names = pattern.split('/').filter(name => name !== '' && name !== '.')
  const matchesFoldersOnly = pattern.endsWith('/')
  const variants = matchesFoldersOnly && names.at(-1) === '**' ? [names.slice(0, -1), [...names, '*']] : [names]
  return variants.filter(variant => variant.length > 0).map(variant => ({segments: variant.map(readSegment), matchesFoldersOnly}))
}

/** Backtracks to the last `**` only: an earlier one could not match more. */
function matchesSegments(segments: readonly GlobSegment[], names: readonly string[]): boolean {
  let segmentAt = 0
  let nameAt = 0
  let retry: {segmentAt: number; nameAt: number} | undefined
  while (nameAt < names.length) {
    const segment = segments[segmentAt]
    const name = names[nameAt] ?? ''
    if (segment === '**' && segmentAt < segments.length - 1) {
      retry = {segmentAt, nameAt}
      segmentAt += 1
    } else if (segment !== undefined && matchesName(segment === '**' ? [{kind: 'star'}] : segment, name)) {
      segmentAt += 1
      nameAt += 1
    } else if (retry !== undefined && !(names[retry.nameAt] ?? '').startsWith('.')) {
      retry = {...retry, nameAt: retry.nameAt + 1}
      segmentAt = retry.segmentAt + 1
      nameAt = retry.nameAt
    } else return false
  }
  return segmentAt === segments.length
}

function matchesName(tokens: readonly GlobToken[], name: string): boolean {
  const first = tokens[0]
  if (name.startsWith('.') && !(first?.kind === 'text' && first.text === '.')) return false
  let tokenAt = 0
  let at = 0
  let retry: {tokenAt: number; at: number} | undefined
  while (at < name.length) {
    const token = tokens[tokenAt]
    if (token?.kind === 'star') {
      retry = {tokenAt, at}
      tokenAt += 1
    } else if (token !== undefined && matchesCharacter(token, name, at)) {
      tokenAt += 1
      at += name.codePointAt(at) === name.charCodeAt(at) ? 1 : 2
    } else if (retry !== undefined) {
      retry = {...retry, at: retry.at + 1}
      tokenAt = retry.tokenAt + 1
      at = retry.at
    } else return false
  }
  return tokens.slice(tokenAt).every(({kind}) => kind === 'star')
}

function matchesCharacter(token: GlobToken, name: string, at: number): boolean {
  const code = name.codePointAt(at) ?? 0
  switch (token.kind) {
    case 'text':
      return token.text.codePointAt(0) === code
    case 'set':
      return token.ranges.some(([from, to]) => from <= code && code <= to) !== token.isNegated
    default:
      return true
  }
}

function readSegment(pattern: string): GlobSegment {
  if (pattern === '**') return '**'
  const characters = [...pattern]
  const tokens: GlobToken[] = []
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? ''
    const set = character === '[' ? readSet(characters, at) : undefined
    if (set !== undefined) {
      tokens.push(set.token)
      at = set.end
    } else if (character === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({kind: 'star'})
    } else if (character === '?') tokens.push({kind: 'any'})
    else {
      if (character === '\\' && at + 1 < characters.length) at += 1
      tokens.push({kind: 'text', text: characters[at] ?? ''})
    }
  }
  return tokens
}

/** A set from its `[` on; nothing when no `]` closes it, and the bracket stands for itself. */
function readSet(characters: readonly string[], start: number): {token: GlobToken; end: number} | undefined {
  const isNegated = characters[start + 1] === '^' || characters[start + 1] === '!'
  const ranges: [number, number][] = []
  let at = start + (isNegated ? 2 : 1)
  for (; at < characters.length && characters[at] !== ']'; at += 1) {
    if (characters[at] === '\\' && at + 1 < characters.length) at += 1
    const from = characters[at]?.codePointAt(0) ?? 0
    const hasEnd = characters[at + 1] === '-' && at + 2 < characters.length && characters[at + 2] !== ']'
    if (hasEnd) at += 2
    ranges.push([from, characters[at]?.codePointAt(0) ?? 0])
  }
  return at < characters.length ? {token: {kind: 'set', isNegated, ranges}, end: at} : undefined
}

/** `a{b,c{d,e}}` -> `ab`, `acd`, `ace`; an unclosed brace stands for itself. */
function expandBraces(pattern: string): readonly string[] | undefined {
  const open: string[] = [pattern]
  const done: string[] = []
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = findBraces(next)
    if (group === undefined) done.push(next)
    else for (const choice of group.choices.toReversed()) open.push(group.before + choice + group.after)
    if (open.length + done.length > maxAlternatives) return undefined
  }
  return done
}

function findBraces(pattern: string): {before: string; choices: readonly string[]; after: string} | undefined {
  let depth = 0
  let start = -1
  let choiceStart = 0
  const choices: string[] = []
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at]
    if (character === '\\') at += 1
    else if (character === '{') {
      if (depth === 0) [start, choiceStart] = [at, at + 1]
      depth += 1
    } else if (depth > 0 && character === ',' && depth === 1) {
      choices.push(pattern.slice(choiceStart, at))
      choiceStart = at + 1
    } else if (depth > 0 && character === '}') {
      depth -= 1
      if (depth === 0)
        return {before: pattern.slice(0, start), choices: [...choices, pattern.slice(choiceStart, at)], after: pattern.slice(at + 1)}
    }
  }
  return undefined
}
