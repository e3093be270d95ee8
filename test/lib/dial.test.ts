import {createServer, request} from 'node:http'
import {join} from 'node:path'
import {expect} from 'vitest'
import {type Dial, dialProgram, dialSocket} from '../../src/lib/dial.ts'
import {test} from '../support/temp-folder.ts'

const env = {PATH: process.env['PATH'] ?? ''}

/** Joins stdin and stdout to a unix socket, as `docker system dial-stdio` does. */
const joiner = `const socket = require('node:net').connect(process.argv[1]); process.stdin.pipe(socket); socket.pipe(process.stdout); socket.on('error', error => { console.error(error.message); process.exit(9) })`

const through = (path: string): readonly [string, Dial][] => [
  ['a socket', dialSocket(path)],
  ['a program', dialProgram(process.execPath, ['-e', joiner, path], env)],
]

function ask(dial: Dial, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({createConnection: dial, method: 'POST', headers: {host: 'x'}}, async response => {
      let text = ''
      // Slower than it comes.
      for await (const chunk of response) {
        text += chunk
        await new Promise(done => setImmediate(done))
      }
      resolve(text)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

test('HTTP goes through, large in both directions, to a slow reader', async ({folder}) => {
  const path = join(folder, 's')
  const server = createServer(async (incoming, response) => {
    let text = ''
    for await (const chunk of incoming) text += chunk
    response.end(text)
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  const body = 'homeport '.repeat(300_000)
  for (const [, dial] of through(path)) expect((await ask(dial, body)) === body).toBe(true)
  server.close()
})

test('nobody answers: the error says so, with what the program said', async ({folder}) => {
  const [[, socket], [, program]] = through(join(folder, 'none')) as [[string, Dial], [string, Dial]]
  await expect(ask(socket, 'x')).rejects.toThrow('ENOENT')
  await expect(ask(program, 'x')).rejects.toThrow(/ENOENT|socket hang up/)
  await expect(ask(dialProgram('no-such-program', [], env), 'x')).rejects.toThrow('ENOENT')
})
