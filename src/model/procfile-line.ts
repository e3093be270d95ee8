/** Why a line of a Procfile declares nothing, and what was probably meant. */
export type LineExplanation = {readonly rule: string; readonly message: string; readonly fix: string}

const usualTypes = new Set([
  'web',
  'worker',
  'release',
  'clock',
  'scheduler',
  'console',
  'rake',
  'postdeploy',
  'api',
  'css',
  'js',
  'urgentworker',
])
/** More of a line is not looked at: what stands there no longer changes the advice, and junk must not cost time. */
const longestLooked = 300
const shape = 'Write TYPE: COMMAND, for example `web: node server.js`.'

/** Explains a line that is neither empty, a comment nor a declaration. `line` is trimmed; `continuesLine` is a line before it that ended in a backslash. */
export function explainProcfileLine(line: string, continuesLine?: number): LineExplanation {
  const body = line.slice(0, longestLooked)
  if (continuesLine !== undefined) {
    return bad('not-a-declaration', 'This line declares no process type.', `If it continues line ${continuesLine}, put it on that line.`)
  }
  if (/^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)(\s|$)/.test(body)) {
    return bad('merge-conflict', 'A merge conflict was left here.', 'Keep one side and remove the marks.')
  }
  if (/^(\/\/|;|--\s|<!--|%|\/\*|REM\s)/.test(body)) {
    return bad('not-a-comment', 'This begins no comment in a Procfile.', 'Begin the comment with #.')
  }
  const colonAt = body.indexOf(':')
  return colonAt === -1 ? explainMissingColon(body) : explainDeclaration(body.slice(0, colonAt).trim(), body.slice(colonAt + 1).trim())
}

function explainMissingColon(body: string): LineExplanation {
  const message = 'This line declares no process type: it has no colon.'
  const variable = /^(?:export\s+)?([A-Z][A-Z0-9_]*)=/.exec(body)
  if (variable !== null) return bad('not-a-declaration', message, `Config vars such as ${variable[1]} belong in .env.`)
  const [, type, separator, command] = /^([A-Za-z0-9_][A-Za-z0-9_-]*)\s*([=;,|：→]|=>|->|\s)\s*(.*)$/su.exec(body) ?? []
  const isMeant = type !== undefined && (usualTypes.has(type) || (separator !== undefined && separator.trim() !== ''))
  const rest = command?.replace(/^>\s*/, '') ?? ''
  if (isMeant && rest !== '') return bad('not-a-declaration', message, `Did you mean \`${type}: ${shorten(rest)}\`?`)
  if (isMeant || usualTypes.has(body)) return bad('not-a-declaration', message, `Write ${type ?? body}: and its command.`)
  return bad('not-a-declaration', message, `${shape} A comment begins with #.`)
}

function explainDeclaration(name: string, command: string): LineExplanation {
  const wellNamed = asTypeName(name)
  if (name === '') return bad('name-missing', 'There is no name before the colon.', shape)
  if (wellNamed === name) return explainCommand(name, command)
  const meant = wellNamed === '' ? shape : `Did you mean \`${wellNamed}: ${shorten(command === '' ? '…' : command)}\`?`
  return bad('bad-name', describeName(name), meant)
}

function explainCommand(name: string, command: string): LineExplanation {
  if (command === '') {
    const isYaml = name === 'processes' || name === 'services'
    const fix = isYaml
      ? 'A Procfile is no YAML: write each type at the margin, as TYPE: COMMAND.'
      : 'Write the command behind the colon, or remove the line.'
    return bad('command-missing', `${name}: has no command.`, fix)
  }
  const meant = command.replace(/^[:\s]+/, '')
  const fix = meant === '' ? 'Write the command behind one colon.' : `Did you mean \`${name}: ${shorten(meant)}\`?`
  return bad('command-begins-with-colon', `The command of ${name} begins with a colon.`, fix)
}

function describeName(name: string): string {
  const shown = `“${shorten(name)}”`
  if (/^["'`].*["'`]$/s.test(name)) return `The name ${shown} stands in quotes, which are no YAML quotes here.`
  if (/^-\s/.test(name)) return 'The line begins with “- ”, as a list in YAML; a Procfile has none.'
  if (name.startsWith('-')) return `The name ${shown} begins with “-”, which would read as a flag.`
  if (/^[A-Za-z0-9_-]+\.\d+$/.test(name)) return `The name ${shown} holds a dot, which is kept for single dynos such as web.1.`
  return `The name ${shown} holds other characters than letters, digits, _ and -.`
}

/** The nearest name that may stand in a Procfile, or nothing. */
function asTypeName(name: string): string {
  return name
    .replace(/^(?:export\s|[-\s"'`])+/, '')
    .replace(/["'`\s]+$/, '')
    .replace(/^([A-Za-z0-9_-]+)\.\d+$/, '$1')
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .replace(/(?<=[^-])-+$/, '')
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function bad(rule: string, message: string, fix: string): LineExplanation {
  return {rule, message, fix}
}
