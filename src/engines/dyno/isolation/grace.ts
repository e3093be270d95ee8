import type {Argv} from './launch-step.ts'

/** How often it is looked for others, in seconds, and for how long at most; Homeport's own SIGKILL comes before. */
const pauseSeconds = 0.05
const mostPauses = 1_200

/**
 * Starts the program, waits for it, and ends as it did. When it died of SIGTERM, first waits for the others inside.
 * A handler, unlike an ignored signal, is not inherited by the program.
 */
const script = `
trap : TERM HUP INT
exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
status=$?
exec 3>&-
others() { for place in /proc/[0-9]*; do case \${place#/proc/} in 1 | $$) ;; *) return 0 ;; esac; done; return 1; }
left=${mostPauses}
while [ "$status" = 143 ] && [ "$left" -gt 0 ] && others; do sleep ${pauseSeconds}; left=$((left - 1)); done
exit "$status"
`

/**
 * A sandbox ends with the program that bubblewrap started. For `node index.js | tee log` that is a shell, which dies of
 * SIGTERM at once, and would take along the server that finishes its requests: on the platform every process has the whole
 * time from SIGTERM to SIGKILL (platform.md c.3). So the shell has a parent that waits for what it leaves behind.
 */
export function withGrace(program: Argv): Argv {
  return {file: '/bin/sh', args: ['-c', script, 'sh', program.file, ...program.args]}
}
