import type {AddressInfo, Server, Socket} from 'node:net'
import {createServer} from 'node:net'
import {setImmediate as turn} from 'node:timers/promises'
import type {Turn} from './conversation.ts'
import {Random} from './random.ts'
import {readMessages} from './read-messages.ts'

/** A dyno: reads whole requests, notes their bodies, answers by the turn that they name. */
export function serve(socket: Socket, turns: ReadonlyMap<string, Turn>, seen: Map<string, string[]>): void {
  let text = ''
  let isBusy = false
  const work = async () => {
    for (;;) {
      const [message] = readMessages(text, {
        isBodyless: (_, start) =>
          /^(GET|HEAD) /.test(start) || !/\r\n(content-length|transfer-encoding):/i.test(text.slice(0, text.indexOf('\r\n\r\n'))),
        endsWithText: false,
      })
      if (message === undefined || !message.isComplete) return
      text = ''
      const id = message.headers.get('x-turn') ?? ''
      seen.set(id, [...(seen.get(id) ?? []), message.body])
      const turnOf = turns.get(id)
      if (turnOf === undefined) {
        socket.destroy()
        return
      }
      const random = new Random(turnOf.answer.length)
      for (const piece of random.pieces(turnOf.answer)) {
        socket.write(piece, 'latin1')
        if (random.chance(0.5)) await turn()
      }
      if (turnOf.endsWithClose) socket.end()
    }
  }
  socket.on('error', () => undefined)
  socket.on('data', bytes => {
    text += bytes.toString('latin1')
    if (isBusy) return
    isBusy = true
    void work().finally(() => {
      isBusy = false
    })
  })
}

export async function listen(onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer({noDelay: true}, onSocket)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
