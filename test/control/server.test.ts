import {spawn} from 'node:child_process'
import {chmodSync, existsSync, statSync} from 'node:fs'
import {createServer} from 'node:http'
import {type AddressInfo, connect, type Socket} from 'node:net'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {expect} from 'vitest'
import {callControl, streamControl} from '../../src/control/client.ts'
import {openExecSession} from '../../src/control/exec-session.ts'
import {httpDoor} from '../../src/control/http-door.ts'
import {ControlServer} from '../../src/control/server.ts'
import {callOverSocket} from '../../src/lib/socket-http.ts'
import {now, platformLine} from '../../src/model/event.ts'
import {test} from '../support/control-server.ts'
import {fakeApp} from '../support/fake-app.ts'

const line = (lines: string) =>
  ({type: 'output', time: now(), source: 'app', dyno: 'web.1', stream: 'stdout', lines: Buffer.from(lines)}) as const

async function raw(path: string, bytes: string): Promise<string> {
  const socket = connect(path)
  socket.end(bytes)
  return text(socket).catch(error => `broke: ${error.code}`)
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path)
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('connect', resolve))
  return socket
}

test('only this user may open the socket, and it is gone after closing', async ({server, socket}) => {
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  await server.close()
  expect(existsSync(socket)).toBe(false)
})

if (process.getuid?.() === 0) {
  test('another user is refused, also where the folder would let them in', async ({server: _, socket, folder}) => {
    chmodSync(folder, 0o755)
    const script = `require('net').connect(${JSON.stringify(socket)}).on('connect', () => console.log('in')).on('error', e => console.log(e.code))`
    const child = spawn(process.execPath, ['-e', script], {uid: 65_534, gid: 65_534})
    expect((await text(child.stdout)).trim()).toBe('EACCES')
  })
}

test('the socket of a killed process is replaced', async ({app, folder}) => {
  const path = join(folder, 'stale.sock')
  const child = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`])
  await new Promise(resolve => child.stdout.once('data', resolve))
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('exit', resolve))
  expect(existsSync(path)).toBe(true)
  await using server = new ControlServer([app])
  await server.listen(path)
  expect(await callControl({name: 'hello', pid: 1, socket: path}, {path: '/apps'})).toHaveLength(1)
})

test.for([
  ['no HTTP', '\u0000\u0001\u0002 garbage \r\n\r\n'],
  ['half a request', 'GET /apps HT'],
  ['a head that is too large', `GET /apps HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ['a body that is too short', 'POST /apps HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{}'],
  ['a bad chunk', 'POST /apps HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  [
    'a body that is too large',
    `POST /apps/hello/log-sessions HTTP/1.1\r\nHost: x\r\nAccept: application/vnd.heroku+json; version=3\r\nContent-Length: 2000000\r\n\r\n${' '.repeat(2_000_000)}`,
  ],
] as const)('%s is refused, and the next client is served', async ([, bytes], {callee}) => {
  expect(await raw(callee.socket, bytes)).toMatch(/^(HTTP\/1\.1 4|broke: E|$)/)
  expect(await callControl(callee, {path: '/homeport/apps'})).toMatchObject([{app: 'hello'}])
})

test('many clients at once are served, also beside many that say nothing', async ({callee}) => {
  const silent = await Promise.all(Array.from({length: 100}, () => connected(callee.socket)))
  const answers = await Promise.all(Array.from({length: 200}, () => callControl<readonly unknown[]>(callee, {path: '/apps/hello/dynos'})))
  expect(answers.every(dynos => dynos.length === 2)).toBe(true)
  for (const socket of silent) socket.destroy()
})

test('events come as they happen, of the types that were asked for', async ({callee, app}) => {
  const seen: Record<string, unknown>[] = []
  const controller = new AbortController()
  const reading = (async () => {
    for await (const event of streamControl(callee, {path: '/homeport/apps/hello/events?types=state,line', signal: controller.signal}))
      seen.push(event)
  })().catch(() => {})
  await expect
    .poll(() => {
      app.hub.emit({type: 'ready', time: now(), app: 'hello', pid: 1})
      app.hub.emit(line('a\nb\n'))
      return seen.length
    })
    .toBeGreaterThan(1)
  expect(seen.slice(0, 2)).toMatchObject([
    {type: 'line', text: 'a'},
    {type: 'line', text: 'b'},
  ])
  app.hub.emit({type: 'state', time: now(), dyno: 'web.1', from: 'up', to: 'crashed'})
  await expect.poll(() => seen.at(-1)).toMatchObject({type: 'state', to: 'crashed'})
  expect(seen.some(({type}) => type === 'ready')).toBe(false)
  expect(app.subscribers()).toBe(1)
  controller.abort()
  await reading
  await expect.poll(() => app.subscribers()).toBe(0)
})

test('a client that does not read costs bounded memory, and is told what it missed when it reads again', async ({callee, app}) => {
  const answer = await callOverSocket(callee.socket, {method: 'GET', target: '/homeport/apps/hello/events'})
  const block = line(`${'x'.repeat(1_000)}\n`.repeat(64))
  const before = process.memoryUsage().arrayBuffers
  for (let round = 0; round < 2_000; round++) {
    app.hub.emit(block)
    if (round % 50 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000)
  let seen = ''
  const reading = (async () => {
    for await (const chunk of answer.body) {
      seen = (seen + chunk.toString()).slice(-200_000)
      if (/Error L11 \(Tail buffer overflow\) -> This tail session dropped \d+ messages since /.test(seen)) return true
    }
    return false
  })()
  const timer = setInterval(() => app.hub.emit(line('more\n')), 5)
  expect(await reading).toBe(true)
  clearInterval(timer)
})

test('logs: history, filters, and what comes', async ({callee, app}) => {
  for (const number of [1, 2, 3]) app.hub.emit(line(`line ${number}\n`))
  app.hub.emit(platformLine('web.1', 'State changed from starting to up', now()))
  await app.log.flush()
  const read = async (query: string) => {
    const texts: unknown[] = []
    for await (const event of streamControl(callee, {path: `/homeport/apps/hello/logs?${query}`})) texts.push(event['text'])
    return texts
  }
  expect(await read('num=2')).toEqual(['line 3', 'State changed from starting to up'])
  expect(await read('source=app&grep=[12]$')).toEqual(['line 1', 'line 2'])
  await expect(read('grep=(')).rejects.toMatchObject({code: 'USAGE', message: expect.stringContaining('grep')})
  await expect(read('num=x')).rejects.toMatchObject({code: 'USAGE'})
  const tail = streamControl(callee, {path: '/homeport/apps/hello/logs?num=1&tail=true&source=app'})
  expect((await tail.next()).value).toMatchObject({text: 'line 3'})
  app.hub.emit(line('line 4\n'))
  expect((await tail.next()).value).toMatchObject({text: 'line 4'})
  await tail.return(undefined)
})

test('exec tells what to start inside a dyno', async ({callee}) => {
  const call = {method: 'POST', path: '/homeport/apps/hello/dynos/web.1/exec', body: {command: 'ls -l'}} as const
  expect(await callControl(callee, call)).toMatchObject({file: 'bash', args: ['-c', 'ls -l'], env: {DYNO: 'web.1'}})
  await expect(callControl(callee, {...call, path: '/homeport/apps/hello/dynos/web.7/exec'})).rejects.toMatchObject({
    code: 'UNKNOWN_DYNO',
    hint: 'Running are: web.1, web.2.',
  })
  await expect(callControl(callee, {...call, body: {command: 5}})).rejects.toMatchObject({code: 'USAGE'})
  await expect(callControl(callee, {...call, body: {command: 'ls', env: {A: 1}}})).rejects.toMatchObject({code: 'USAGE'})
})

test('who is inside a dyno hears when it is about to end', async ({folder, socket}) => {
  const app = fakeApp(folder)
  const closing = Promise.withResolvers<void>()
  const control = {...app.control, whenDynoCloses: () => closing.promise}
  await using server = new ControlServer([{...app, control}])
  await server.listen(socket)
  const wish = {dyno: 'web.1', command: ['ls', '-l'], env: {TERM: 'xterm'}, signal: new AbortController().signal}
  const {commandLine, closes} = await openExecSession({name: 'hello', pid: process.pid, socket}, wish)
  expect(commandLine).toMatchObject({file: 'bash', env: {DYNO: 'web.1', TERM: 'xterm'}})
  let isClosed = false
  void closes.then(() => {
    isClosed = true
  })
  await callControl({name: 'hello', pid: process.pid, socket}, {path: '/homeport/apps'})
  expect(isClosed).toBe(false)
  closing.resolve()
  await closes
  await app.log.close()
})

test('closing ends streams with what they still have, and lets a call that is being answered finish', async ({folder, socket}) => {
  const app = fakeApp(folder, {stopsSlowly: true})
  const server = new ControlServer([app])
  await server.listen(socket)
  const callee = {name: 'hello', pid: process.pid, socket}
  const stopping = callControl(callee, {method: 'POST', path: '/homeport/apps/hello/stop'})
  const events = streamControl(callee, {path: '/homeport/apps/hello/events'})
  const first = events.next()
  await expect.poll(() => app.calls).toEqual(['stop app'])
  await expect
    .poll(async () => {
      app.hub.emit({type: 'stopped', time: now(), exitCode: 0, left: 0})
      return Promise.race([first, new Promise(resolve => setImmediate(resolve))])
    })
    .toMatchObject({value: {type: 'stopped'}})
  app.finishStop()
  await server.close()
  expect(await stopping).toEqual({})
  for await (const event of events) expect(event['type']).toBe('stopped')
  await app.log.close()
})

test('closing does not wait for a client that neither reads nor leaves', async ({app, server, callee}) => {
  const idle = await connected(callee.socket)
  const answer = await callOverSocket(callee.socket, {method: 'GET', target: '/homeport/apps/hello/events'})
  for (let round = 0; round < 200; round++) app.hub.emit(line(`${'x'.repeat(60_000)}\n`))
  await server.close()
  idle.destroy()
  await expect(text(answer.body as never)).rejects.toThrow()
})

test('the same API can be served on a port', async ({app, onTestFinished}) => {
  const server = createServer(httpDoor([app], new AbortController().signal))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const {port} = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/apps/hello`, {headers: {accept: 'application/vnd.heroku+json; version=3'}})
  expect(await answer.json()).toMatchObject({name: 'hello'})
})
