import {execFile} from 'node:child_process'
import {connect as connectTcp} from 'node:net'
import type {TLSSocket} from 'node:tls'
import {promisify} from 'node:util'
import {describe} from 'vitest'
import {connectPeer, type Peer} from './peer.ts'
import {expect, get, host, ok} from './rig.ts'
import {test} from './secure-rig.ts'

const run = promisify(execFile)

const namesOf = ({socket}: Peer) => (socket as TLSSocket).getPeerCertificate().subjectaltname

describe('HTTPS', () => {
  test('the dyno is told so, and the log line', async ({makeSecureRig}) => {
    const {connectTls, dyno, tlsPort, line} = await makeSecureRig()
    dyno.answers(head => `HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`)
    const client = await connectTls()
    client.send(get)
    const {input} = await client.reads(/X-Forwarded-Port: \d+\r\n[\s\S]*keep-alive$/)
    expect(input).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(input).toContain(`X-Forwarded-Proto: https\r\nX-Forwarded-Port: ${tlsPort}\r\n`)
    expect(input).toContain('X-Forwarded-For: 127.0.0.1\r\n')
    expect(await line()).toMatch(/^at=info method=GET .* status=200 bytes=\d+ protocol=https tls=true tls_version=tls1\.3$/)
  })

  test('--forwarded-proto holds here too', async ({makeSecureRig}) => {
    const {connectTls, dyno} = await makeSecureRig({forwardedProto: 'http'})
    ;(await connectTls()).send(get)
    const peer = await dyno.accept()
    expect((await peer.reads(/X-Forwarded-Port: .*\r\n/)).input).toContain('X-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\n')
  })

  test('TLS 1.2 is spoken, and named; 1.1 is not', async ({makeSecureRig}) => {
    const {connectTls, dyno, line} = await makeSecureRig()
    dyno.answers(ok)
    const client = await connectTls({maxVersion: 'TLSv1.2'})
    await client.send(get).reads(/ok$/)
    expect(await line()).toMatch(/ protocol=https tls=true tls_version=tls1\.2$/)
    await expect(connectTls({minVersion: 'TLSv1', maxVersion: 'TLSv1.1'})).rejects.toThrow()
  })

  test.for(['app.localhost', 'APP.localhost'])('a client that names %s gets its certificate', async (servername, {makeSecureRig}) => {
    const {connectTls} = await makeSecureRig()
    expect(namesOf(await connectTls({servername}))).toBe('DNS:app.localhost')
  })

  test('a client that names none gets that of localhost and the loopback addresses', async ({makeSecureRig}) => {
    const {tlsPort, authority} = await makeSecureRig()
    const verified = run('openssl', [
      ...['s_client', '-connect', `127.0.0.1:${tlsPort}`, '-noservername', '-CAfile', authority.certificateFile],
      ...['-verify_ip', '127.0.0.1', '-verify_return_error'],
    ])
    verified.child.stdin?.end()
    expect((await verified).stdout).toContain('Verify return code: 0 (ok)')
  })

  test.for([
    ['other.localhost', 'which is not routed'],
    ['example.com', 'which is not routed'],
    ['example.org', 'which is routed, but nothing that the authority is good for'],
  ] as const)(
    'there is no certificate for %s, %s: a client that goes on all the same gets the page',
    async ([servername], {makeSecureRig}) => {
      const {router, web, dyno, connectTls} = await makeSecureRig()
      dyno.answers(ok)
      router.setHosts(['app.localhost', 'example.org'].map(name => ({host: name, to: web})))
      await expect(connectTls({servername})).rejects.toMatchObject({code: 'ERR_TLS_CERT_ALTNAME_INVALID'})
      const client = await connectTls({servername, rejectUnauthorized: false})
      expect(namesOf(client)).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
      client.send(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`)
      if (servername === 'example.org') await client.reads(/ok$/)
      else expect(await client.closes()).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    },
  )

  test('a name below a wildcard has a certificate of its own', async ({makeSecureRig}) => {
    const {router, web, connectTls} = await makeSecureRig()
    router.setHosts([{host: '*.example.test', to: web}])
    expect(namesOf(await connectTls({servername: 'a.example.test'}))).toBe('DNS:a.example.test')
    await expect(connectTls({servername: 'example.test'})).rejects.toThrow()
  })

  test('http/1.0 may be asked for in the handshake', async ({makeSecureRig}) => {
    const {connectTls, dyno} = await makeSecureRig()
    dyno.answers(ok)
    const client = await connectTls({ALPNProtocols: ['http/1.0']})
    expect(await client.send(`GET / HTTP/1.0\r\n${host}\r\n`).closes()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*ok$/)
  })

  test('H32: a request for another host than that of the handshake', async ({makeSecureRig}) => {
    const {router, web, connectTls, line} = await makeSecureRig()
    router.setHosts(['app.localhost', 'other.localhost'].map(name => ({host: name, to: web})))
    const client = await connectTls()
    client.send('GET / HTTP/1.1\r\nHost: other.localhost\r\n\r\n')
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 421 Misdirected Request\r\n/)
    expect(await line()).toMatch(
      /^at=error code=H32 desc="TLS Certificate Mismatch" method=GET .* dyno= connect= service= status=421 bytes= protocol=https tls=true /,
    )
  })

  test.for([`${host}`, 'Host: App.Localhost.:8443\r\n'])('%j is the host of the handshake', async (line, {makeSecureRig}) => {
    const {connectTls, dyno} = await makeSecureRig()
    dyno.answers(ok)
    await (await connectTls()).send(`GET / HTTP/1.1\r\n${line}\r\n`).reads(/ok$/)
  })

  test('a megabyte up and down, byte for byte', async ({makeSecureRig}) => {
    const {connectTls, dyno} = await makeSecureRig()
    const body = Array.from({length: 1_048_576}, (_, i) => String.fromCharCode(32 + (i % 89))).join('')
    dyno.answers((_, got) => `HTTP/1.1 200 OK\r\nContent-Length: ${got.length}\r\n\r\n${got}`)
    const client = await connectTls()
    client.send(`POST / HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
    const answer = await client.closes()
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4) === body).toBe(true)
  })

  test('upgrade: both ways, every byte', async ({makeSecureRig}) => {
    const {connectTls, dyno, event} = await makeSecureRig()
    const client = await connectTls()
    client.send(`GET /ws HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`)
    const peer = await dyno.accept()
    await peer.reads(/\r\n\r\n$/)
    peer.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello')
    await client.reads(/hello$/)
    client.send('world')
    await peer.reads(/world$/)
    client.close()
    await peer.closes()
    expect(await event()).toMatchObject({status: 101, bytes: 5, protocol: 'https'})
  })

  test('plain HTTP on this port, rubbish and a client that says nothing do no harm, and leave with the router', async ({makeSecureRig}) => {
    const {tlsPort, connectTls, dyno, router, events} = await makeSecureRig({limits: {idleClientMs: 60_000}})
    dyno.answers(ok)
    const plain = (await connectPeer(tlsPort)).send(get)
    const rubbish = (await connectPeer(tlsPort)).send(Buffer.from([22, 3, 1, 255, 255, 0, 0, 0]))
    const silent = await connectPeer(tlsPort)
    await plain.closes()
    await (await connectTls()).send(get).reads(/ok$/)
    expect(events).toHaveLength(1)
    await router.close({drainMs: 100})
    await Promise.all([rubbish.closes(), silent.closes()])
  })

  test('a handshake that does not end is cut', async ({makeSecureRig}) => {
    const {tlsPort} = await makeSecureRig({limits: {idleClientMs: 50}})
    const socket = connectTcp(tlsPort, '127.0.0.1')
    socket.on('error', () => undefined)
    await new Promise(resolve => socket.once('close', resolve))
  })

  test('a torn answer ends without the close of TLS, so that nobody takes it for complete', async ({makeSecureRig}) => {
    const {connectTls, dyno, line} = await makeSecureRig()
    const client = await connectTls()
    client.send(get)
    const peer = await dyno.accept()
    await peer.reads(/\r\n\r\n/)
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
    await client.reads(/half$/)
    peer.close()
    await client.closes()
    expect(await line()).toMatch(/code=H18/)
  })
})
