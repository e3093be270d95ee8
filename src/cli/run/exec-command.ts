import {shellWord} from '../../lib/shell-word.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What `ps:exec` asks for: the words as `run` takes them, or the first shell of these that the dyno has; and what our terminal is. */
export function execCommand(
  words: readonly string[],
  env: Environment,
): {readonly command: string | readonly string[]; readonly env: Readonly<Record<string, string>>} {
  const [first, ...more] = words
  const command = first === undefined ? findShell(env['SHELL']) : more.length === 0 ? first : words
  const terminal = ['TERM', 'COLORTERM'].map(name => [name, env[name] ?? ''] as const)
  return {command, env: Object.fromEntries(terminal.filter(([, value]) => value !== ''))}
}

function findShell(preferred = ''): string {
  const shells = [...(preferred === '' ? [] : [shellWord(preferred)]), 'bash', 'sh']
  return `for shell in ${shells.join(' ')}; do command -v "$shell" >/dev/null && exec "$shell"; done`
}
