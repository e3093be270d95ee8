import {deepStrictEqual, ok, strictEqual} from 'node:assert'
import {mkdtempSync, rmSync} from 'node:fs'
import {type ClientHttp2Session, connect} from 'node:http2'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setImmediate as turn} from 'node:timers/promises'
import {connect as connectTls, type TLSSocket} from 'node:tls'
import {Router} from '../../../../src/engines/router/router.ts'
import {openAuthority} from '../../../../src/engines/tls/authority.ts'
import {Certificates} from '../../../../src/engines/tls/certificates.ts'
import type {PlatformEvent, RequestEvent} from '../../../../src/model/event.ts'
import {type Limits, platformLimits} from '../../../../src/model/limits.ts'
import {answerOf} from '../http2/exchange.ts'
import {type Field, fieldBlock, frame, plain, preface, types} from '../http2/frames.ts'
import {makeTurn, mutate, type Turn} from './conversation.ts'
import {listen, portOf, serve} from './dyno.ts'
import {Random} from './random.ts'
import type {Fuzz} from './rounds.ts'

/** Who keeps to the rules has all the time that there is, however busy the machine; who does not is waited for no longer than this. */
const hostileLimits = {...platformLimits(0.01), connectMs: 2000, quarantineMs: 50, idleClientMs: 150}
const hangMs = 20_000

/** The rounds of HTTP/2: by a client's library for what keeps to the rules, frame by frame for what does not. */
export async function openHttp2Fuzz(): Promise<Fuzz> {
  const turns = new Map<string, Turn>()
  const seen = new Map<string, string[]>()
  const events: RequestEvent[] = []
  const folder = mkdtempSync(join(tmpdir(), 'homeport-fuzz-'))
  const authority = await openAuthority({stateDir: folder}, [])
  const dyno = await listen(socket => serve(socket, turns, seen))
  // What is read at the start, such as the time for a handshake, is the platform's.
  const limits = {...platformLimits(), quarantineMs: hostileLimits.quarantineMs}
  const router = new Router({
    limits,
    emit: (event: PlatformEvent) => {
      if (event.type === 'request') events.push(event)
    },
  })
  const web = router.makeBackends('web')
  web.add({name: 'web.1', host: '127.0.0.1', port: portOf(dyno)})
  router.setHosts([{host: 'app.localhost', to: web}])
  const {port} = await router.listenTls({port: 0, addresses: ['127.0.0.1'], certificates: new Certificates(authority)})
  const open = () => openTls(port, authority.certificate)

  const begin = (seed: number, times: Limits) => {
    Object.assign(limits, times)
    turns.clear()
    seen.clear()
    events.length = 0
    return new Random(seed)
  }

  return {
    async peaceful(seed) {
      const random = begin(seed, platformLimits())
      const made = Array.from({length: 1 + random.below(12)}, (_, i) => makeTurn(`${seed}-0-${i}`, false, random))
      for (const one of made) turns.set(one.id, one)
      const socket = await open()
      const session = connect('https://app.localhost', {createConnection: () => socket})
      session.on('error', () => undefined)
      try {
        await inTime(
          made.map(one => ask(session, one, random)),
          `seed ${seed}`,
        )
      } finally {
        session.destroy()
      }
      for (const one of made) deepStrictEqual(seen.get(one.id), [one.requestBody], `request body of ${one.id}`)
      for (let i = 0; events.length < made.length && i < 1000; i++) await turn()
      deepStrictEqual(events.map(({path}) => path.slice(1)).sort(), made.map(({id}) => id).sort(), 'one event for each request')
      for (const event of events) strictEqual(event.code, undefined, event.line)
    },

    async hostile(seed) {
      const random = begin(seed, hostileLimits)
      const made = makeTurn(`${seed}-0`, false, random)
      turns.set(made.id, made)
      const frames = hostileFrames(made, random)
      const socket = await open()
      const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
      socket.on('error', () => undefined).resume()
      for (const piece of random.pieces(Buffer.concat([preface, ...frames.bytes]).toString('latin1'))) {
        socket.write(piece, 'latin1')
        await turn()
      }
      // Whatever is still open ends by its time-out.
      await inTime([closed], `seed ${seed}`)
      for (let i = 0; i < 20; i++) await turn()
      ok(events.length <= frames.requests, `${events.length} events for ${frames.requests} requests`)
      const ids = [...seen.keys()].filter(id => id !== '' && id !== made.id)
      ok(ids.length <= 1, `requests that nobody made: ${ids.join(', ')}`)
    },

    async close() {
      await router.close({drainMs: 100})
      await new Promise(resolve => dyno.close(resolve))
      rmSync(folder, {recursive: true})
    },
  }
}

function openTls(port: number, ca: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({port, host: '127.0.0.1', servername: 'app.localhost', ca, ALPNProtocols: ['h2']})
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })
}

async function inTime(work: readonly Promise<unknown>[], what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, hangMs, false)
  })
  const isInTime = await Promise.race([Promise.all(work).then(() => true), late])
  clearTimeout(timer)
  ok(isInTime, `hangs: ${what}`)
}

/** Asks for a turn, its body in pieces, and checks the answer. */
async function ask(session: ClientHttp2Session, made: Turn, random: Random): Promise<void> {
  const method = made.request.slice(0, made.request.indexOf(' '))
  const hasBody = made.requestBody !== ''
  const length = hasBody && random.chance(0.5) ? {'content-length': String(made.requestBody.length)} : {}
  const stream = session.request({':method': method, ':path': `/${made.id}`, 'x-turn': made.id, ...length}, {endStream: !hasBody})
  const answer = answerOf(stream)
  if (hasBody) {
    for (const piece of random.pieces(made.requestBody)) {
      stream.write(piece, 'latin1')
      if (random.chance(0.5)) await turn()
    }
    stream.end()
  }
  const {status, body, errorCode} = await answer
  deepStrictEqual(
    {status, body, errorCode},
    {status: made.status > 599 ? 500 : made.status, body: made.answerBody, errorCode: 0},
    `answer to ${made.id}`,
  )
}

/** Frames with a thing or two wrong with them, and how many requests somebody might see in them. */
function hostileFrames(made: Turn, random: Random): {readonly bytes: readonly Buffer[]; readonly requests: number} {
  const odd: readonly [Field, ...Field[]] = [
    ['X-A', '1'],
    ['connection', 'close'],
    ['transfer-encoding', 'chunked'],
    ['content-length', '3'],
    ['content-length', '-1'],
    ['host', 'other.localhost'],
    ['x', 'a\r\nb: c'],
    ['x', '\0'],
    ['te', 'gzip'],
    ['expect', '100-continue'],
    [':path', '/b'],
    ['cookie', 'a=1'],
  ]
  const fields: Field[] = [
    ...plain.map(([name, value]): Field => (name === ':method' ? [name, 'POST'] : [name, value])),
    ['x-turn', made.id],
  ]
  if (random.chance(0.5)) fields.splice(random.below(fields.length + 1), 0, random.pick(odd))
  if (random.chance(0.2)) fields.splice(random.below(fields.length), 1)
  const block = fieldBlock(fields)
  const cut = random.chance(0.3) ? random.below(block.length) : block.length
  const bytes = [
    frame(types.headers, cut < block.length ? 0 : 4, 1, block.subarray(0, cut)),
    ...(cut < block.length ? [frame(types.continuation, 4, 1, block.subarray(cut))] : []),
    frame(types.data, 0, 1, Buffer.from('abc')),
    frame(types.data, 1, random.chance(0.9) ? 1 : 3, Buffer.from(random.pick(['', 'defg']))),
  ]
  if (random.chance(0.3))
    bytes.splice(random.below(bytes.length), 0, frame(random.below(12), random.below(64), random.below(6), Buffer.alloc(random.below(20))))
  if (random.chance(0.5)) {
    const at = random.below(bytes.length)
    bytes[at] = Buffer.from(mutate(bytes[at]?.toString('latin1') ?? '', random), 'latin1')
  }
  return {bytes, requests: bytes.length}
}
