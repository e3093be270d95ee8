import type {DynoStatus} from '../../model/dyno.ts'
import type {DynoState} from '../../model/event.ts'
import type {Paint, Style} from '../colour.ts'
import {renderAgo, renderWhen} from './when.ts'

export type DynosOptions = {readonly app: string; readonly now: number; readonly paint: Paint}

/** What `ps` shows: the dynos by type, with the type's command (platform.md i.2); ends in a newline. */
export function renderDynos(dynos: readonly DynoStatus[], {app, now, paint}: DynosOptions): string {
  if (dynos.length === 0) return `No dynos on ${app}\n`
  const rows = new Map(dynos.map(dyno => [dyno, cellsOf(dyno, now)]))
  const widths = [...rows.values()].reduce<number[]>((widest, cells) => cells.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)), [])
  const types = [...new Set(dynos.map(({type}) => type))]
  return types
    .map(type => {
      const own = dynos.filter(dyno => dyno.type === type)
      const lines = own.map(dyno => renderRow(dyno, rows.get(dyno) ?? [], {widths, paint}))
      return `${paint('bold', `=== ${type}: ${own[0]?.command ?? ''} (${own.length})`)}\n\n${lines.join('')}`
    })
    .join('\n')
}

/** Dyno, state, since when, pid, port, memory, isolation, restarts. */
function cellsOf({dyno, state, since, pid, port, memoryBytes, isolation, restarts}: DynoStatus, now: number): readonly string[] {
  return [
    `${dyno}:`,
    state,
    `${renderWhen(Date.parse(since))} (${renderAgo(now - Date.parse(since))})`,
    pid === null ? '' : `pid ${pid}`,
    port === null ? '' : `port ${port}`,
    memoryBytes === null ? '' : `${(memoryBytes / 1_048_576).toFixed(1)} MB`,
    isolation,
    restarts === 0 ? '' : `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`,
  ]
}

const stateStyles: Readonly<Record<DynoState, Style>> = {
  created: 'yellow',
  starting: 'yellow',
  up: 'green',
  down: 'dim',
  crashed: 'red',
  complete: 'dim',
  idle: 'dim',
}

const stateColumn = 1

function renderRow({state}: DynoStatus, cells: readonly string[], {widths, paint}: {widths: readonly number[]; paint: Paint}): string {
  const shown = cells.map((cell, column) => {
    const padded = cell.padEnd(widths[column] ?? 0)
    return column === stateColumn ? paint(stateStyles[state], padded) : padded
  })
  return `${shown
    .filter((_, column) => (widths[column] ?? 0) > 0)
    .join('  ')
    .trimEnd()}\n`
}
