import {describe} from 'vitest'
import {expect, get, host, test} from './rig.ts'

const head = (lines = '') => `HEAD / HTTP/1.1\r\n${host}${lines}\r\n`

describe('b.4.3, answers without a body', () => {
  test.for([
    ['head_small_body_expect', 'Content-Length: 43\r\n'],
    ['head_large_body_expect', 'Content-Length: 430000\r\n'],
    ['head_no_body_expect', 'Content-Length: 0\r\n'],
    ['head_chunked_expect', 'Transfer-Encoding: chunked\r\n'],
    ['valid_head', ''],
  ] as const)('%s: the headers pass, no body is awaited, both connections live on', async ([, lines], {makeRig}) => {
    const {pass, event} = await makeRig()
    const {client, dyno} = await pass(head())
    dyno.send(`HTTP/1.1 200 OK\r\n${lines}\r\n`)
    const {input} = await client.reads(/\r\n\r\n$/)
    expect(input).toContain(lines)
    expect(input).toMatch(/^Connection: keep-alive\r$/m)
    expect((await event()).status).toBe(200)
    dyno.clear()
    client.send(get)
    await dyno.reads(/^GET \/ /)
  })

  test('head_close_expect: a dyno that closes takes nothing from a client that stays', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(head())
    dyno.send('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')
    const {input} = await client.reads(/\r\n\r\n$/)
    expect(input.match(/^connection: .*$/gim)).toEqual(['Connection: keep-alive'])
    expect(input).not.toMatch(/content-length/i)
    await dyno.closes()
    expect(client.isClosed).toBe(false)
  })

  test('head_close_expect_client: a client that closes gets its close', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(head('Connection: close\r\n'))
    dyno.send('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')
    expect((await client.closes()).match(/^connection: .*$/gim)).toEqual(['Connection: close'])
  })

  test.for([
    ['status_204', 'HTTP/1.1 204 OK\r\nContent-Length: 14\r\n\r\n', 'misplaced body'],
    ['status_304', 'HTTP/1.1 304 OK\r\nContent-Length: 1421093\r\n\r\n', 'misplaced body'],
    ['status_chunked_204', 'HTTP/1.1 204 OK\r\ntransfer-encoding: chuNked\r\n\r\n', ''],
    ['valid_status_204', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ['valid_status_304', 'HTTP/1.1 304 Not Modified\r\n\r\n', ''],
    ['status_close_304', 'HTTP/1.1 304 OK\r\nconnection:close\r\n\r\n', 'misplaced body'],
  ] as const)('%s: the headers pass, bytes after them do not', async ([, answer, misplaced], {makeRig}) => {
    const {pass, dyno: server} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(answer + misplaced)
    const {input} = await client.reads(/\r\n\r\n$/)
    expect(input).toMatch(/^Connection: keep-alive\r$/m)
    for (const line of answer.match(/^(content-length|transfer-encoding):.*$/gim) ?? []) expect(input).toContain(line)
    if (misplaced !== '') await dyno.closes()
    client.clear()
    client.send(get)
    const next = misplaced === '' ? dyno : await server.accept()
    await next.reads(/GET \/ HTTP.*\r\n\r\n$/s)
    next.send('HTTP/1.1 204 No Content\r\n\r\n')
    await client.reads(/^HTTP\/1\.1 204 /)
  })

  test('status_close_304_client', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    dyno.send('HTTP/1.1 304 OK\r\nconnection:close\r\n\r\nmisplaced body')
    const text = await client.closes()
    expect(text).toMatch(/^Connection: close\r$/m)
    expect(text).not.toMatch(/body/)
  })

  test('bad_transfer_encoding', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: ,\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('HEAD with 101 upgrades', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(head('Upgrade: echo\r\nConnection: Upgrade\r\n'))
    dyno.send('HTTP/1.1 101 Switching Protocols\r\n\r\nhello')
    await client.reads(/^HTTP\/1\.1 101 .*\r\n\r\nhello$/s)
  })
})
