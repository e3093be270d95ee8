export const shells = ['bash', 'zsh', 'fish']

/**
 * A script for the start file of a shell, which turns a typed `local COMMAND` at the primary prompt into `homeport COMMAND`.
 * The line itself is changed when Enter is pressed: an alias or function named `local` would break every function that uses it.
 */
export function renderShellInit(shell: string, commands: readonly string[]): string {
  const words = [...new Set([...commands.flatMap(id => [id, id.split(':')[0] ?? id]), 'help', '--help', '--version'])].sort()
  if (shell === 'bash') return bash(words)
  if (shell === 'zsh') return zsh(words)
  return '# fish knows no word `local`: it runs the program of that name, and nothing has to be set up.'
}

/** A regular expression of both shells for a line to be changed: `local`, one of our commands, and no `=` after that. */
function typedLine(words: readonly string[]): string {
  return `^([[:space:]]*)local([[:blank:]]+(${words.join('|')})([[:blank:];&|<>].*)?)$`
}

/**
 * Enter becomes two keys: one that may change the line, one that accepts it. Continuation lines are told from the first by
 * PROMPT_COMMAND, which bash runs before the primary prompt only.
 */
function bash(words: readonly string[]): string {
  return `# homeport shell-init bash
if [[ $- == *i* ]] && (( BASH_VERSINFO[0] >= 4 )); then
  __homeport_typed='${typedLine(words)}'
  __homeport_prompt() { __homeport_primary=1; }
  __homeport_line() {
    if [[ $__homeport_primary == 1 && $READLINE_LINE =~ $__homeport_typed ]]; then
      READLINE_LINE="\${BASH_REMATCH[1]}homeport\${BASH_REMATCH[2]}"
      READLINE_POINT=\${#READLINE_LINE}
    fi
    __homeport_primary=0
  }
  if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
    [[ " \${PROMPT_COMMAND[*]} " == *' __homeport_prompt '* ]] || PROMPT_COMMAND+=(__homeport_prompt)
  elif [[ $PROMPT_COMMAND != *__homeport_prompt* ]]; then
    PROMPT_COMMAND="\${PROMPT_COMMAND:+$PROMPT_COMMAND
}__homeport_prompt"
  fi
  for __homeport_map in emacs-standard vi-insert vi-command; do
    bind -m "$__homeport_map" -x '"\\C-x\\C-hl": __homeport_line'
    bind -m "$__homeport_map" '"\\C-x\\C-ha": accept-line'
    bind -m "$__homeport_map" '"\\C-m": "\\C-x\\C-hl\\C-x\\C-ha"'
  done
  unset __homeport_map
fi`
}

function zsh(words: readonly string[]): string {
  return `# homeport shell-init zsh
if [[ -o interactive ]] && autoload -Uz add-zle-hook-widget 2>/dev/null; then
  __homeport_line() {
    if [[ $CONTEXT == start && $BUFFER =~ '${typedLine(words)}' ]]; then
      BUFFER="\${match[1]}homeport\${match[2]}"
    fi
  }
  zle -N __homeport_line
  add-zle-hook-widget line-finish __homeport_line
fi`
}
