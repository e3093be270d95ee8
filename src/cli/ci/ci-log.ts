import {randomUUID} from 'node:crypto'
import {type CiStep, githubCommand} from '../../model/ci-report.ts'
import type {Emit, PlatformEvent, StepEvent} from '../../model/event.ts'
import {renderJson} from '../../model/event-json.ts'
import type {OutputWriter} from '../output/output-writer.ts'
import {lineRenderer} from '../render/line.ts'

export type CiLogOptions = {
  readonly stdout: Pick<OutputWriter, 'write'>
  readonly isJson: boolean
  readonly isColoured: boolean
  /** On GitHub phases are groups, and no text of the app can act as a workflow command. */
  readonly isGithub: boolean
}

/** Shows a run of `ci`: its phases as headings, the log of the app below them; with `--json` the events. */
export function ciLog({stdout, isJson, isColoured, isGithub}: CiLogOptions): Emit {
  if (isJson) return event => stdout.write(renderJson(event))
  const render = lineRenderer({format: 'short', isTerminal: false, timestamps: true, isColoured})
  const headings = isGithub ? githubHeadings(stdout) : plainHeadings(stdout)
  return event => {
    if (event.type === 'step') headings(event)
    else if (isBuildLine(event)) stdout.write(event.lines)
    else stdout.write(render(event).data)
  }
}

function isBuildLine(event: PlatformEvent): event is Extract<PlatformEvent, {type: 'output'}> {
  return event.type === 'output' && event.dyno === 'build' && event.partial !== true
}

/** Steps inside a build are told by its own lines. */
function isPhase({name}: StepEvent): boolean {
  return /^(build|test|release|start|healthy|command|stop|clean|check .*)$/s.test(name)
}

function plainHeadings(stdout: CiLogOptions['stdout']): (step: StepEvent) => void {
  return step => {
    const {name, status, detail} = step
    if (!isPhase(step) || status === 'done') return
    const text = status === 'started' ? name : `${name} ${status}${detail === undefined ? '' : `: ${detail}`}`
    stdout.write(`=====> ${text}\n`)
  }
}

function githubHeadings(stdout: CiLogOptions['stdout']): (step: StepEvent) => void {
  let token: string | undefined
  const speak = (commands: string) => {
    if (token !== undefined) stdout.write(`::${token}::\n`)
    token = undefined
    stdout.write(commands)
  }
  return step => {
    const {name, status, detail} = step
    if (!isPhase(step) || status === 'skipped') return
    if (status === 'started') {
      speak(githubCommand('group', name))
      // From here on only the app talks, until this word is said.
      token = newToken()
      stdout.write(githubCommand('stop-commands', token))
      return
    }
    speak(githubCommand('endgroup', ''))
    if (status === 'failed') stdout.write(githubCommand('error', detail ?? name, {title: `homeport ci: ${name}`}))
  }
}

function newToken(): string {
  return randomUUID().replaceAll('-', '')
}

/** Text of the app, in which GitHub must find no command. */
export function asAppTalk(text: string): string {
  const token = newToken()
  return text === '' ? '' : `${githubCommand('stop-commands', token)}${text}::${token}::\n`
}

/** Why a run failed: the last lines of each dyno. */
export function renderLastLines(lastLines: ReadonlyMap<string, readonly string[]>): string {
  return [...lastLines]
    .map(([dyno, lines]) => [`=====> last lines of ${dyno}`, ...lines.map(line => `       ${line}`), ''].join('\n'))
    .join('')
}

/** The steps that were planned and never reached. */
export function notReached(steps: readonly CiStep[], planned: readonly string[]): readonly CiStep[] {
  const known = new Set(steps.map(({name}) => name))
  return planned.filter(name => !known.has(name)).map(name => ({name, outcome: 'skipped', durationMs: 0, detail: 'not reached'}))
}
