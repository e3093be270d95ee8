import type {PlatformEvent} from '../../model/event.ts'
import type {ProcessTypes} from '../../model/formation.ts'
import {renderHeroku} from '../../model/heroku-line.ts'
import type {FlagValues} from '../flags/flag-table.ts'

export function makeRenderer(_: {values: FlagValues; types: ProcessTypes; hasColour: boolean; isTerminal: boolean}) {
  return (event: PlatformEvent): Buffer =>
    event.type === 'output' && _.values['log-format'] === 'raw'
      ? event.source === 'app'
        ? (event.raw ?? event.lines)
        : Buffer.alloc(0)
      : renderHeroku(event)
}
