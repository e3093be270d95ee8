import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {ambiguousRequest} from './fuzz/ambiguous.ts'
import {Random} from './fuzz/random.ts'
import {connectPeer} from './peer.ts'
import {expect, test} from './rig.ts'

/** A dyno with a parser that is not ours: Node's own. */
async function openNodeServer(isLenient: boolean) {
  const seen: {id: string; path: string}[] = []
  const server: Server = createServer({insecureHTTPParser: isLenient}, (request, response) => {
    seen.push({id: String(request.headers['x-request-id']), path: request.url ?? ''})
    request.resume().on('end', () => response.end('ok'))
    request.on('error', () => undefined)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {server, seen, port: (server.address() as AddressInfo).port}
}

test.for([
  ['a strict parser', false],
  ['a lenient parser', true],
] as const)(
  'whatever is sent, %s behind the router sees the requests that the router saw, and no others',
  {timeout: 120_000},
  async ([, isLenient], {makeRig, onTestFinished}) => {
    const {server, seen, port} = await openNodeServer(isLenient)
    onTestFinished(async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    })
    const rig = await makeRig({dynos: 0, limits: {idleClientMs: 150, uploadIdleMs: 150, firstByteMs: 3000}})
    rig.web.add({name: 'web.1', host: '127.0.0.1', port})
    const random = new Random(isLenient ? 1 : 2)
    for (let batch = 0; batch < 20; batch++) {
      await Promise.all(
        Array.from({length: 50}, async () => {
          const client = await connectPeer(rig.port)
          client.send(ambiguousRequest(random))
          await client.closes()
        }),
      )
    }
    const sent = new Map(rig.events.filter(({dyno}) => dyno !== '').map(({requestId, path}) => [requestId, path]))
    expect(new Set(seen.map(({id}) => id)).size, 'no request is seen twice').toBe(seen.length)
    for (const {id, path} of seen) expect([id, path]).toEqual([id, sent.get(id)])
    expect(seen.filter(({path}) => path === '/smuggled').length).toBeGreaterThan(0)
    expect(rig.events.filter(({status}) => status === 400).length).toBeGreaterThan(100)
  },
)
