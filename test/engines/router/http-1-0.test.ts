import {describe} from 'vitest'
import {expect, host, ok, test} from './rig.ts'

const request = (lines = '') => `POST / HTTP/1.0\r\n${host}Content-Length: 5\r\n${lines}\r\n12345`

describe('b.2, HTTP/1.0 clients', () => {
  test('advertise_1_1, to both sides', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(request())
    expect(dyno.text).toMatch(/^POST \/ HTTP\/1\.1\r\n/)
    dyno.send('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok')
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  test('conn_close_default: the connection closes after the answer', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(request())
    dyno.send(ok)
    expect(await client.closes()).toMatch(/^Connection: close\r$/m)
  })

  test('conn_keepalive_opt: unless the client asks for more', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(request('Connection: keep-alive\r\n'))
    dyno.send(ok)
    await client.reads(/^Connection: keep-alive\r$/m)
    client.clear()
    client.send(request('Connection: Keep-Alive\r\n'))
    await dyno.reads(/12345POST .*12345$/s)
    dyno.send(ok)
    await client.reads(/ok$/)
    expect(client.isClosed).toBe(false)
  })

  test.for(['', 'Connection: keep-alive\r\n'])(
    'chunked_to_1_0: the coding is taken off, the end is the close (%j)',
    async (lines, {makeRig}) => {
      const rig = await makeRig()
      const {client, dyno} = await rig.pass(request(lines))
      dyno.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n3\r\nabc\r\n5;ext=1\r\nde')
      await client.reads(/abcde$/)
      dyno.send('fgh\r\n0\r\nTrailer: 1\r\n\r\n')
      const text = await client.closes()
      expect(text).not.toMatch(/transfer-encoding/i)
      expect(text).toMatch(/X-A: 1\r\n.*Connection: close\r\n\r\nabcdefgh$/s)
      expect((await rig.event()).bytes).toBe(8)
    },
  )

  test('HTTP/0.9 is no request', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask('GET /\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  test.for(['HTTP/2.0', 'HTTP/1.2', 'HTTP/3.0'])('%s is not spoken: 505', async (version, {makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(`GET / ${version}\r\n${host}\r\n`)).toMatch(/^HTTP\/1\.1 505 /)
    expect((await rig.event()).status).toBe(505)
  })

  test('the preface of HTTP/2 is refused', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 505 /)
  })
})
