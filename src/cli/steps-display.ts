import {isTerminal} from './is-terminal.ts'
import {plainSteps, type StepsDisplay, terminalSteps} from './render/steps.ts'
import {writeNow} from './write.ts'

export type StepsDisplayOptions = {
  /** The user wants plain lines: `--json`, `--no-color`. */
  readonly isPlain: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

/** How a build is shown here: as progress on a terminal that can draw, else line by line, always on stderr. */
export function stepsDisplay({isPlain, env}: StepsDisplayOptions): StepsDisplay {
  const canDraw = isTerminal(1) && isTerminal(2) && (process.stderr.columns ?? 0) > 0
  const mayDraw = !isPlain && !env['NO_COLOR'] && !env['CI'] && env['TERM'] !== 'dumb'
  return canDraw && mayDraw ? terminalSteps(process.stderr) : plainSteps(lines => writeNow(2, lines.toString('utf8')))
}
