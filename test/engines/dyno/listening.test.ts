import {once} from 'node:events'
import {createServer, type Server, type Socket} from 'node:net'
import {describe, expect} from 'vitest'
import {boundPorts, whenListening} from '../../../src/engines/dyno/listening.ts'
import {holdPort} from '../../../src/lib/free-port.ts'
import {readers, tableOf, test} from '../../support/dynos.ts'

async function listen(port: number, host: string, onSocket: (socket: Socket) => void = socket => socket.end()): Promise<Server> {
  const server = createServer({allowHalfOpen: true}, onSocket).listen(port, host)
  await once(server, 'listening')
  return server
}

async function freePort(): Promise<number> {
  const {port, release} = await holdPort()
  await release()
  return port
}

describe('waiting for a port', () => {
  test.for([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
  ] as const)('an app on %s answers at %s, also when it was there before', async ([host, address]) => {
    const port = await freePort()
    const waiting = whenListening(port, {signal: new AbortController().signal})
    const server = await listen(port, host)
    // One on both may have come between the two tries.
    expect(host === '::' ? [address, '::1'] : [address]).toContain(await waiting)
    expect(await whenListening(port, {signal: new AbortController().signal})).toBe(address)
    server.close()
  })

  test('ends when it is told to, at once', async () => {
    const controller = new AbortController()
    const waiting = whenListening(await freePort(), {signal: controller.signal})
    controller.abort()
    expect(await waiting).toBeUndefined()
    expect(await whenListening(await freePort(), {signal: AbortSignal.abort()})).toBeUndefined()
  })

  test('an app sees one connection, closed without a byte and without an error, though it speaks first', async () => {
    const port = await freePort()
    const seen: string[] = []
    const waiting = whenListening(port, {signal: new AbortController().signal})
    const server = await listen(port, '127.0.0.1', socket => {
      seen.push('connection')
      socket.write('220 ready\r\n')
      socket.on('data', () => seen.push('data'))
      socket.on('error', error => seen.push(String(error)))
      socket.on('end', () => {
        seen.push('end')
        socket.end()
      })
      socket.on('close', () => seen.push('close'))
    })
    await waiting
    await expect.poll(() => seen).toEqual(['connection', 'end', 'close'])
    server.close()
  })
})

describe.for(readers)('the ports of a dyno, seen by %s', reader => {
  test('are those of all its processes, and nobody else’s', async ({openRig}) => {
    const rig = await openRig(reader)
    const stranger = await listen(0, '127.0.0.1')
    const script = `const {createServer} = require('node:net')
      for (const host of ['127.0.0.1', '::1']) createServer().listen(0, host, function () { console.log(this.address().port) })`
    const dyno = await rig.run(`node -e "$SCRIPT" & node -e "$SCRIPT" & wait`, {env: {SCRIPT: script}})
    await expect.poll(() => rig.output().split('\n').length, {timeout: 20_000}).toBe(5)
    const ports = rig.output().trim().split('\n').map(Number)
    const pids = (await dyno.processes()).map(({pid}) => pid)
    expect(await boundPorts(pids, tableOf(reader))).toEqual(ports.sort((one, other) => one - other))
    stranger.close()
  })
})
