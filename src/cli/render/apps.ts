import type {AppStatus} from '../../control/app-status.ts'
import type {Paint, Style} from '../colour.ts'

/** What `status` shows: each app that runs on this machine, one a line; ends in a newline. */
export function renderApps(apps: readonly AppStatus[], paint: Paint): string {
  if (apps.length === 0) return 'No app is running on this machine.\n'
  const rows = apps.map(app => [app.app, stateOf(app), app.url ?? 'no router', `pid ${app.pid}`, formationText(app.formation), app.root])
  const widths = rows.reduce<number[]>((widest, cells) => cells.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)), [])
  return rows
    .map(cells => {
      const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0))
      const [name = '', state = '', ...others] = padded
      return `${[paint('bold', name), paint(styleOf(state.trim()), state), ...others].join('  ').trimEnd()}\n`
    })
    .join('')
}

/** `web=2 worker=1`, as `ps:scale` shows a formation (platform.md a.3). */
export function formationText(formation: Readonly<Record<string, number>>): string {
  return Object.entries(formation)
    .map(([type, quantity]) => `${type}=${quantity}`)
    .join(' ')
}

function stateOf({ready, maintenance, dynos}: AppStatus): string {
  if (maintenance) return 'maintenance'
  if (dynos.some(({state}) => state === 'crashed')) return 'crashed'
  return ready ? 'ready' : 'starting'
}

function styleOf(state: string): Style {
  return state === 'ready' ? 'green' : state === 'crashed' ? 'red' : 'yellow'
}
