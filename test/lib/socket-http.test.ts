import {createServer as createHttpServer, type RequestListener} from 'node:http'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import {callOverSocket} from '../../src/lib/socket-http.ts'
import {test as base} from '../support/temp-folder.ts'

const test = base
  .extend('path', async ({folder}) => join(folder, 's.sock'))
  .extend('serve', async ({path}, {onCleanup}) => {
    const closers: (() => void)[] = []
    onCleanup(() => {
      for (const close of closers) close()
    })
    return async (listener: RequestListener) => {
      const server = createHttpServer(listener)
      closers.push(() => server.close())
      await new Promise<void>(resolve => server.listen(path, resolve))
    }
  })
  .extend('say', async ({path}, {onCleanup}) => {
    const closers: (() => void)[] = []
    onCleanup(() => {
      for (const close of closers) close()
    })
    return async (...pieces: readonly string[]) => {
      const server = createServer(socket => {
        socket.on('error', () => {})
        socket.once('data', async () => {
          for (const piece of pieces) await new Promise(resolve => socket.write(piece, 'latin1', () => setImmediate(resolve)))
          socket.end()
        })
      })
      closers.push(() => server.close())
      await new Promise<void>(resolve => server.listen(path, resolve))
    }
  })

async function get(path: string) {
  const answer = await callOverSocket(path, {method: 'GET', target: '/x?y=1'})
  let body = ''
  for await (const chunk of answer.body) body += chunk.toString()
  return {...answer, body}
}

test('sends method, target, headers and body, and reads the answer of a real server', async ({path, serve}) => {
  await serve(async (message, response) => {
    let body = ''
    for await (const chunk of message) body += chunk
    response.setHeader('X-Seen', `${message.method} ${message.url} ${message.headers['x-a']} ${message.headers['content-type']}`)
    response.writeHead(201).end(body)
  })
  const answer = await callOverSocket(path, {method: 'POST', target: '/x?y=1', headers: {'X-A': 'b'}, body: '{"é":1}'})
  const chunks: Buffer[] = []
  for await (const chunk of answer.body) chunks.push(chunk)
  expect(answer.status).toBe(201)
  expect(answer.headers.get('x-seen')).toBe('POST /x?y=1 b application/json')
  expect(Buffer.concat(chunks).toString()).toBe('{"é":1}')
})

test('reads chunks, in whatever pieces they come', async ({path, say}) => {
  await say('HTTP/1.1 200 OK\r\nTransfer-Enco', 'ding: chunked\r\n\r\n5\r\nhel', 'lo\r', '\n1;ext=1\r\n \r\n5\r\nworld\r\n0\r\n\r\n')
  expect(await get(path)).toMatchObject({status: 200, body: 'hello world'})
})

test('reads to the end of the connection when there is no length', async ({path, say}) => {
  await say('HTTP/1.1 200 OK\r\n\r\nhel', 'lo')
  expect(await get(path)).toMatchObject({body: 'hello'})
})

test('passes over interim answers', async ({path, say}) => {
  await say('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  expect(await get(path)).toMatchObject({status: 200, body: 'ok'})
})

test.for([
  ['no HTTP', 'hello\r\n\r\n'],
  ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
  ['a body that is too short', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
  ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'],
  ['a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab'],
  ['an endless head', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`],
])('%s is an error', async ([, bytes = ''], {path, say}) => {
  await say(bytes)
  await expect(get(path)).rejects.toMatchObject({code: 'ECONNRESET'})
})

test('nobody there is Node’s error', async ({path}) => {
  await expect(get(path)).rejects.toMatchObject({code: 'ENOENT'})
})

test('can be given up while the answer is awaited, and while it is read', async ({path, serve}) => {
  await serve((_, response) => {
    response.write('begin')
  })
  const controller = new AbortController()
  const answer = await callOverSocket(path, {method: 'GET', target: '/', signal: controller.signal})
  const reading = (async () => {
    for await (const chunk of answer.body) if (chunk.toString() === 'begin') controller.abort()
  })()
  await expect(reading).rejects.toMatchObject({name: 'AbortError'})
})

test('an answer that does not come in time is given up, also in the middle of its body', async ({path, serve}) => {
  await serve((message, response) => {
    if (message.url === '/half') response.write('half')
  })
  const call = {method: 'GET', timeoutMs: 50} as const
  await expect(callOverSocket(path, {...call, target: '/never'})).rejects.toMatchObject({code: 'ETIMEDOUT'})
  const answer = await callOverSocket(path, {...call, target: '/half'})
  const reading = (async () => {
    for await (const _ of answer.body);
  })()
  await expect(reading).rejects.toMatchObject({code: 'ETIMEDOUT'})
})
