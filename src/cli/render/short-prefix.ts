import type {OutputEvent} from '../../model/event.ts'

export type ShortOptions = {
  /** Time of day before each line, in local time. */
  readonly timestamps: boolean
  readonly isColoured: boolean
  /** Lines older than this (milliseconds since the epoch) show their date too. */
  readonly datesBefore?: number
  /** Names that will come: the column is as wide as the widest from the beginning. */
  readonly names?: Iterable<string>
}

const narrowest = 9
const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94] as const
const dim = 2

/**
 * What stands before a line in the short form: `14:02:11 web.1     | ` for a dyno's own line, `14:02:11 heroku[web.1]: ` for
 * one of the platform about it. Each dyno has its colour, the platform is dim; the column grows with the names it meets.
 */
export function shortPrefixes({timestamps, isColoured, datesBefore = 0, names = []}: ShortOptions): (event: OutputEvent) => string {
  const colourOf = new Map<string, number>()
  let width = narrowest
  let second = Number.NaN
  let clock = ''
  const learn = (name: string) => {
    if (colourOf.has(name)) return
    colourOf.set(name, colours[colourOf.size % colours.length] ?? dim)
    width = Math.max(width, name.length)
  }
  for (const name of names) learn(name)
  return ({time, source, dyno}) => {
    if (Math.floor(time / 1000) !== second) {
      second = Math.floor(time / 1000)
      clock = `${renderClock(time, time < datesBefore)} `
    }
    if (source === 'app') learn(dyno)
    const name = source === 'app' ? `${dyno.padEnd(width)} |` : `heroku[${dyno}]:`
    const text = `${timestamps ? clock : ''}${name}`
    if (!isColoured) return `${text} `
    // The reset before ends what the line before has left switched on.
    return `\u001b[0;${source === 'app' ? colourOf.get(dyno) : dim}m${text}\u001b[0m `
  }
}

/** `14:02:11`, or `2026-11-24 14:02:11`. */
function renderClock(time: number, withDate: boolean): string {
  const date = new Date(time)
  const two = (number: number) => String(number).padStart(2, '0')
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return withDate ? `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}` : clock
}
