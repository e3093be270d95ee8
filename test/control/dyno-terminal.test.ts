import {connect} from 'node:net'
import {text} from 'node:stream/consumers'
import {expect, onTestFinished} from 'vitest'
import {callControl} from '../../src/control/client.ts'
import {openDynoTerminal} from '../../src/control/open-dyno-terminal.ts'
import {ControlServer} from '../../src/control/server.ts'
import {HomeportError} from '../../src/model/error.ts'
import type {TerminalClient, TerminalSize} from '../../src/model/terminal.ts'
import {fakeApp} from '../support/fake-app.ts'
import {test as base} from '../support/temp-folder.ts'

/** An app whose web.1 has a terminal without a program: what is typed and how large it is is written down. */
const test = base.extend('rig', async ({folder}, {onCleanup}) => {
  const app = fakeApp(folder)
  const clients = new Set<TerminalClient>()
  const typed: string[] = []
  const sizes: TerminalSize[] = []
  let isCongested = false
  let wake = () => {}
  const terminal = (dyno: string) => {
    if (dyno !== 'web.1') throw new HomeportError('USAGE', `${dyno} has no terminal of its own.`, {hint: 'Start it with one.'})
    return {
      join(client: TerminalClient) {
        clients.add(client)
        sizes.push(client.size)
        client.show(Buffer.from('before '))
        return {
          type: (bytes: Buffer) => void typed.push(bytes.toString()),
          get isCongested() {
            return isCongested
          },
          whenClear: () => new Promise<void>(resolve => (wake = resolve)),
          resize: (size: TerminalSize) => void sizes.push(size),
          leave: () => void clients.delete(client),
        }
      },
    }
  }
  const server = new ControlServer([{...app, control: {...app.control, terminal}}])
  const socket = `${folder}/control.sock`
  await server.listen(socket)
  onCleanup(async () => {
    await server.close()
    await app.log.close()
  })
  return {
    server,
    socket,
    callee: {name: 'hello', pid: process.pid, socket},
    clients,
    typed,
    sizes,
    show(shown: string | Buffer) {
      for (const client of clients) client.show(Buffer.from(shown))
    },
    congest() {
      isCongested = true
    },
    clear() {
      isCongested = false
      wake()
    },
  }
})

const size = {columns: 91, rows: 17}

test('a client sees what is shown, types, and has a size', async ({rig}) => {
  using terminal = await openDynoTerminal(rig.callee, 'web.1', size)
  const shown = terminal.shown[Symbol.asyncIterator]()
  expect(String((await shown.next()).value)).toBe('before ')
  rig.show('now')
  expect(String((await shown.next()).value)).toBe('now')
  terminal.type(Buffer.from('ls\r'))
  terminal.resize({columns: 40, rows: 10})
  await expect.poll(() => rig.sizes).toEqual([size, {columns: 40, rows: 10}])
  expect(rig.typed).toEqual(['ls\r'])
})

test('who leaves is gone, and others stay', async ({rig}) => {
  const one = await openDynoTerminal(rig.callee, 'web.1', size)
  using _ = await openDynoTerminal(rig.callee, 'web.1', size)
  await expect.poll(() => rig.clients.size).toBe(2)
  one[Symbol.dispose]()
  await expect.poll(() => rig.clients.size).toBe(1)
})

test('what is typed waits for a program that does not read', async ({rig}) => {
  using terminal = await openDynoTerminal(rig.callee, 'web.1', size)
  rig.congest()
  const paste = Buffer.alloc(60_000, 'x')
  for (let count = 0; count < 40; count++) terminal.type(paste)
  await expect.poll(() => rig.typed.length).toBeGreaterThan(0)
  expect(terminal.isCongested).toBe(true)
  expect(rig.typed.length).toBe(1)
  rig.clear()
  await terminal.whenClear()
  await expect.poll(() => rig.typed.join('').length).toBe(2_400_000)
})

test('a client that does not read misses what comes, and is told how much', async ({rig}) => {
  const stuck = connect(rig.socket)
  onTestFinished(() => void stuck.destroy())
  stuck.write('GET /homeport/apps/hello/dynos/web.1/terminal?columns=80&rows=24 HTTP/1.1\r\nHost: x\r\n')
  stuck.write('Connection: Upgrade\r\nUpgrade: homeport-terminal\r\n\r\n')
  stuck.pause()
  await expect.poll(() => rig.clients.size).toBe(1)
  for (let count = 0; count < 100; count++) rig.show(Buffer.alloc(100_000, 'x'))
  let seen = 0
  let rest = ''
  stuck.on('data', chunk => {
    seen += chunk.length
    rest = (rest + chunk).slice(-200)
  })
  stuck.resume()
  await expect.poll(() => rest).toMatch(/\r\n\[\d+ bytes were not shown, since they were not read in time\]\r\n$/)
  expect(seen).toBeLessThan(3_000_000)
  rig.show('and on')
  await expect.poll(() => rest).toMatch(/and on$/)
})

test.for([['a dyno without a terminal', 'web.2', 'USAGE', 'web.2 has no terminal of its own.']] as const)(
  '%s is told in the words of the app',
  async ([, dyno, code, message], {rig}) => {
    await expect(openDynoTerminal(rig.callee, dyno, size)).rejects.toMatchObject({code, message})
  },
)

test('a size that is none is refused', async ({rig}) => {
  await expect(openDynoTerminal(rig.callee, 'web.1', {columns: 0, rows: 5})).rejects.toMatchObject({code: 'USAGE'})
})

test('without the upgrade the call is answered, and so is one for a protocol that nobody speaks', async ({rig}) => {
  const path = '/homeport/apps/hello/dynos/web.1/terminal?columns=80&rows=24'
  await expect(callControl(rig.callee, {path})).rejects.toThrow('This speaks homeport-terminal.')
  const other = connect(rig.socket)
  other.end('GET /homeport/apps HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n')
  expect(await text(other)).toMatch(/^HTTP\/1\.1 200 /)
})

test('closing ends it with what is still on its way, also for a client that is stuck', async ({rig}) => {
  const terminal = await openDynoTerminal(rig.callee, 'web.1', size)
  const stuck = await openDynoTerminal(rig.callee, 'web.1', size)
  await expect.poll(() => rig.clients.size).toBe(2)
  for (let count = 0; count < 30; count++) rig.show(Buffer.alloc(100_000, 'x'))
  rig.show('last words')
  const shown = (async () => {
    let all = ''
    for await (const chunk of terminal.shown) all += chunk
    return all
  })()
  await rig.server.close()
  expect(await shown).toContain('before ')
  stuck[Symbol.dispose]()
})
