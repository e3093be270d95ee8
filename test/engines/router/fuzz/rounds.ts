import {deepStrictEqual, ok, strictEqual} from 'node:assert'
import {connect} from 'node:net'
import {setImmediate as turn} from 'node:timers/promises'
import {Router} from '../../../../src/engines/router/router.ts'
import type {PlatformEvent, RequestEvent} from '../../../../src/model/event.ts'
import {type Limits, platformLimits} from '../../../../src/model/limits.ts'
import {makeTurn, mutate, type Turn} from './conversation.ts'
import {listen, portOf, serve} from './dyno.ts'
import {Random} from './random.ts'
import {readMessages} from './read-messages.ts'

export type Fuzz = {
  /** Several clients at once, all within the rules: every body arrives whole, at its place, and is told of once. */
  peaceful(seed: number): Promise<void>
  /** One client or dyno that breaks the rules: it is answered or cut off, and nobody else's bytes get lost or astray. */
  hostile(seed: number): Promise<void>
  close(): Promise<void>
}

/** Who keeps to the rules has all the time that there is, however busy the machine; who does not is waited for no longer than this. */
const hostileLimits = {...platformLimits(0.01), connectMs: 2000, quarantineMs: 50}

/** Opens a router with dynos that answer each request as its turn says; rounds are told apart by their seed. */
export async function openFuzz(): Promise<Fuzz> {
  const turns = new Map<string, Turn>()
  const seen = new Map<string, string[]>()
  const events: RequestEvent[] = []
  const dynos = await Promise.all([1, 2, 3].map(() => listen(socket => serve(socket, turns, seen))))
  // What is read at the start, such as the time for a handshake, is the platform's.
  const limits = {...platformLimits(), quarantineMs: hostileLimits.quarantineMs}
  const router = new Router({
    limits,
    emit: (event: PlatformEvent) => {
      if (event.type === 'request') events.push(event)
    },
  })
  const web = router.makeBackends('web')
  for (const [index, dyno] of dynos.entries()) web.add({name: `web.${index + 1}`, host: '127.0.0.1', port: portOf(dyno)})
  router.setHosts([{host: 'app.localhost', to: web}])
  const {port} = await router.listen({port: 0, addresses: ['127.0.0.1']})

  const begin = (times: Limits) => {
    Object.assign(limits, times)
    turns.clear()
    seen.clear()
    events.length = 0
  }

  return {
    async peaceful(seed) {
      begin(platformLimits())
      const random = new Random(seed)
      const conversations = Array.from({length: 1 + random.below(6)}, (_, client) => {
        const count = 1 + random.below(5)
        return Array.from({length: count}, (_, i) => makeTurn(`${seed}-${client}-${i}`, i === count - 1, random))
      })
      for (const turn of conversations.flat()) turns.set(turn.id, turn)
      const answered = await Promise.all(conversations.map(conversation => converse(port, conversation, random)))
      const taken = answered.flat()
      for (const turn of taken) deepStrictEqual(seen.get(turn.id), [turn.requestBody], `request body of ${turn.id}`)
      await settled(events, taken.length)
      deepStrictEqual(events.map(({path}) => path.slice(1)).sort(), taken.map(({id}) => id).sort(), 'one event for each request')
      for (const event of events) strictEqual(event.code, undefined, event.line)
    },

    async hostile(seed) {
      begin(hostileLimits)
      const random = new Random(seed)
      const turn = makeTurn(`${seed}-0`, true, random)
      const isClientBad = random.chance(0.5)
      turns.set(turn.id, isClientBad ? turn : {...turn, answer: mutate(turn.answer, random)})
      const text = isClientBad ? mutate(turn.request, random) : turn.request
      const got = await exchange(port, random.pieces(text))
      const messages = readMessages(got, {isBodyless: (_, start) => turn.isHead || / (204|304) /.test(start), endsWithText: true})
      for (const {start, body} of messages) {
        if (start === '') continue
        const isOurs = /^HTTP\/1\.1 \d\d\d /.test(start) || !start.includes('\r\n')
        ok(isOurs, `a start line: ${JSON.stringify(start)}`)
        // The one mutation may have hit a mark of the turn's own.
        const strangers = [...body.matchAll(/<[aq](\d[\d-]*)>/g)].map(([, id]) => id).filter(id => id !== turn.id)
        ok(strangers.length <= 1, `bytes of other turns: ${strangers.slice(0, 5).join(', ')}`)
      }
      await turnOfLoop()
      const finals = messages.filter(({start}) => /^HTTP\/1\.1 [2-9]\d\d /.test(start)).length
      ok(
        events.length >= finals && events.length <= finals + 1,
        `${events.length} events for ${finals} answers: ${events.map(({line}) => line).join('\n')}`,
      )
    },

    async close() {
      await router.close({drainMs: 100})
      await Promise.all(dynos.map(dyno => new Promise(resolve => dyno.close(resolve))))
    },
  }
}

/** One client that keeps to the rules: sends its turns ahead or one by one, and checks each answer. Gives the turns that were taken. */
async function converse(port: number, conversation: readonly Turn[], random: Random): Promise<readonly Turn[]> {
  const closing = conversation.findIndex(({closes}) => closes)
  const taken = conversation.slice(0, closing + 1)
  const got = await exchange(port, random.pieces(taken.map(({request}) => request).join('')))
  const messages = readMessages(got, {
    isBodyless: (index, start) => taken[index]?.isHead === true || / (204|304) /.test(start),
    endsWithText: true,
  })
  deepStrictEqual(
    messages.map(({start, body, isComplete}) => ({status: start.split(' ')[1], body, isComplete})),
    taken.map(({status, answerBody}) => ({status: String(status), body: answerBody, isComplete: true})),
    `answers to ${taken.map(({id}) => id).join(', ')}`,
  )
  return taken
}

/** Sends pieces, one in each turn of the loop; gives all that came until the close. */
async function exchange(port: number, pieces: readonly string[]): Promise<string> {
  const socket = connect({port, host: '127.0.0.1', noDelay: true})
  let got = ''
  const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.on('data', bytes => {
    got += bytes.toString('latin1')
  })
  for (const piece of pieces) {
    if (socket.destroyed) break
    if (!socket.write(piece, 'latin1')) await Promise.race([closed, new Promise(resolve => socket.once('drain', resolve))])
    else await turn()
  }
  const isInTime = await Promise.race([closed.then(() => true), new Promise<boolean>(resolve => setTimeout(resolve, 20_000, false))])
  socket.destroy()
  ok(isInTime, `hangs after ${JSON.stringify(pieces.join('').slice(0, 500))}, got ${JSON.stringify(got.slice(0, 500))}`)
  return got
}

async function settled(events: readonly RequestEvent[], count: number): Promise<void> {
  for (let i = 0; events.length < count && i < 1000; i++) await turn()
}

/** Enough turns for what is on its way inside this process. */
async function turnOfLoop(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn()
}
