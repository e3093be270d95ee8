/** Words that a POSIX shell or bash runs itself, or that begin a compound command: nothing on PATH is asked for them. */
const shellWords = new Set(
  (
    '. : [ [[ alias bg bind break builtin case cd command compgen complete continue declare dirs disown echo enable eval exec exit export ' +
    'false fc fg for function getopts hash help history if jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly ' +
    'return select set shift shopt source suspend test time times trap true type typeset ulimit umask unalias unset until wait while { ( !'
  ).split(' '),
)

/** Words that run the command behind them, when no flag stands between. */
const prefixes = new Set(['exec', 'command', 'env', 'time', 'nohup'])

const assignment = /^[A-Za-z_][A-Za-z0-9_]*=/

/**
 * The program that a shell command line begins with, such as `node` in `A=1 exec node server.js`: nothing when only the shell
 * can tell (a variable, quotes, a sub-shell) or when the shell does it itself.
 */
export function commandWord(command: string): string | undefined {
  for (const word of command.slice(0, 4096).split(/[ \t]+/)) {
    if (assignment.test(word) && !isWhole(word)) return undefined
    if (word === '' || assignment.test(word) || prefixes.has(word)) continue
    const bare = word.replace(/[;&|]+$/, '')
    return shellWords.has(bare) || !/^[\w./@%+:,-]+$/.test(bare) || bare.startsWith('-') ? undefined : bare
  }
  return undefined
}

/** Whether the blanks that cut `word` out of its line stood outside of quotes and braces. */
function isWhole(word: string): boolean {
  return !/["'`\\({]/.test(word.replaceAll(/'[^']*'|"[^"\\]*"|\$\{[^}"'`\\]*\}/g, ''))
}
