import type {Duplex} from 'node:stream'
import type {SharedTerminal, TerminalSeat, TerminalSize} from '../../../model/terminal.ts'
import {readFrames, terminalProtocol} from '../../terminal-frames.ts'
import {ApiError, type ApiReply, invalidParams, type Route} from '../api.ts'
import {type AppCall, withApp} from '../find-app.ts'

export const terminalRoutes: readonly Route[] = [
  {method: 'GET', pattern: '/homeport/apps/:app/dynos/:dyno/terminal', answer: withApp(openTerminal)},
]

/** What may wait for a client that does not read; above it the client misses what comes, so that the dyno need not wait. */
const highWaterBytes = 1024 * 1024

/** `?columns=80&rows=24`: joins the terminal of a dyno; what it shows comes as it is, what is typed goes there in frames. */
function openTerminal({app: {control}, params, request: {query}}: AppCall): ApiReply {
  const size = {columns: readNumber(query.get('columns')), rows: readNumber(query.get('rows'))}
  if (control.terminal === undefined) throw new ApiError(404, 'not_found', 'The dynos of this app have no terminals.')
  const terminal = control.terminal(params['dyno'] ?? '')
  return {status: 426, upgrade: {protocol: terminalProtocol, begin: connection => join(connection, terminal, size)}}
}

function join(connection: Duplex, terminal: SharedTerminal, size: TerminalSize): void {
  let missed = 0
  const show = (bytes: Buffer) => {
    if (missed > 0 || connection.writableLength > highWaterBytes) missed += bytes.length
    else connection.write(bytes)
  }
  connection.on('drain', () => {
    if (missed > 0) connection.write(`\r\n[${missed} bytes were not shown, since they were not read in time]\r\n`)
    missed = 0
  })
  const seat = terminal.join({size, show})
  connection.on('close', () => seat.leave())
  void hear(connection, seat)
}

async function hear(connection: Duplex, seat: TerminalSeat): Promise<void> {
  try {
    for await (const frame of readFrames(connection)) {
      if (frame.kind === 'resize') seat.resize(frame.size)
      else seat.type(frame.bytes)
      if (seat.isCongested) await seat.whenClear()
    }
  } catch {
    // It broke, or it speaks another protocol than its own words say.
  }
  connection.end()
}

function readNumber(text: string | null): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw invalidParams('columns and rows must be numbers from 1 to 65535.')
  return number
}
