import type {Check, DoctorReport} from '../../platform/doctor.ts'
import type {Paint} from '../colour.ts'

/** One line for each check, and one below it with the command that mends what is missing. */
export function renderDoctor({checks, isolation}: DoctorReport, paint: Paint): string {
  const width = Math.max(...checks.map(({name}) => name.length))
  const lines = checks.flatMap(({name, status, detail, fix}) => [
    `${mark(status, paint)} ${name.padEnd(width)}  ${detail}`,
    ...(fix === undefined || status === 'ok' ? [] : [`  ${' '.repeat(width)}  to mend it: ${fix}`]),
  ])
  const {tier, files, processes, network, memory} = isolation
  return [
    ...lines,
    '',
    `A slug runs in ${tier}: ${files}; processes: ${processes}; network: ${network}; memory: ${memory}.`,
    notCovered,
  ].join('\n')
}

function mark(status: Check['status'], paint: Paint): string {
  const [style, sign] = marks[status]
  return paint(style, sign)
}

const marks = {ok: ['green', '✓'], warning: ['yellow', '!'], failed: ['red', '✗']} as const

const notCovered = 'No tier covers bugs of the kernel, side channels of the processor, or how much disk a dyno fills.'
