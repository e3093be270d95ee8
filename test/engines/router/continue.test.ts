import {describe} from 'vitest'
import {expect, get, host, ok, type Rig, test} from './rig.ts'

const post = (expectation: string, version = '1.1') =>
  `POST / HTTP/${version}\r\n${host}Content-Length: 10\r\n${expectation}Content-Type: text/plain\r\n\r\n`
const asking = 'Expect: 100-continue\r\n'
const body = '0123456789'
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n'
const upgrade = `GET /ws HTTP/1.1\r\n${host}Content-Length: 10\r\n${asking}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`
const switching = 'HTTP/1.1 101 Switching Protocols\r\n\r\n'

/** The app asked for `http-end-to-end-continue`. */
async function endToEnd(rig: Rig): Promise<Rig> {
  rig.web.setFeature('http-end-to-end-continue', true)
  return rig
}

describe('b.4.2, the router answers Expect itself', () => {
  test('bypass: it sends the 100, and the dyno sees no Expect', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(post(asking))
    await client.reads(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    expect(dyno.text).not.toMatch(/^expect:/im)
    client.send(body)
    await dyno.reads(/0123456789$/)
    dyno.send(ok)
    await client.reads(/100 Continue\r\n\r\nHTTP\/1\.1 200 OK.*ok$/s)
  })

  test('a 100 of the dyno on top of it is not passed on', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(post(asking) + body)
    dyno.send(goOn + ok)
    expect((await client.reads(/ok$/)).input.match(/100 Continue/g)).toHaveLength(1)
  })

  test('a refused request gets its answer without a 100', async ({makeRig}) => {
    const rig = await makeRig()
    rig.web.isInMaintenance = true
    expect(await rig.ask(post(asking))).toMatch(/^HTTP\/1\.1 503 .*Connection: close/s)
  })

  test.for([
    ['an empty value', 'Expect: \r\n', 200],
    ['100-Continue in another letter case', 'expect: 100-CONTINUE\r\n', 200],
    ['unknown_expect', 'Expect: whatever\r\n', 417],
    ['a list', 'Expect: 100-continue, 100-continue\r\n', 417],
    ['bad_syntax_expect', 'Expect: 100 continue\r\n', 400],
  ] as const)('%s: %j gives %i', async ([, line, status], {makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(ok)
    const client = (await rig.connect()).send(post(line) + body)
    await client.reads(new RegExp(`HTTP/1.1 ${status} `))
    const {code, status: logged} = await rig.event()
    expect([code, logged]).toEqual([status === 200 ? undefined : 'H26', status])
  })

  test('417 is H26 with its own cause', async ({makeRig}) => {
    const rig = await makeRig()
    await rig.ask(post('Expect: later\r\n'))
    expect(await rig.line()).toMatch(
      /^at=error code=H26 desc="Request Error" cause="unsupported expect header value" method=POST path="\/" .* dyno= connect= service= status=417 /,
    )
  })

  test('HTTP/1.0 has no 100: the expectation is dropped', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(post(asking, '1.0') + body)
    expect(dyno.text).not.toMatch(/^expect:/im)
    dyno.send(ok)
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 200/)
  })
})

describe('b.4.2, http-end-to-end-continue', () => {
  test('back_and_forth: the dyno sends the 100, without its headers on the way', async ({makeRig}) => {
    const {pass} = await endToEnd(await makeRig())
    const {client, dyno} = await pass(post(asking))
    expect(dyno.text).toMatch(/^Expect: 100-continue\r$/m)
    dyno.send('HTTP/1.1 100 Continue\r\nX-Extra: 1\r\nConnection: close\r\n\r\n')
    await client.reads(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    client.clear()
    client.send(body)
    await dyno.reads(/0123456789$/)
    dyno.send(ok)
    await client.reads(/^HTTP\/1\.1 200 OK.*Connection: keep-alive.*ok$/s)
    expect(client.isClosed).toBe(false)
  })

  test('body_timeout: the client sends its body without a 100', async ({makeRig}) => {
    const {pass} = await endToEnd(await makeRig())
    const {client, dyno} = await pass(post(asking))
    client.send(body)
    await dyno.reads(/0123456789$/)
    dyno.send(goOn + ok)
    await client.reads(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK.*ok$/s)
  })

  test('non_terminal: a second 100 is 502', async ({makeRig}) => {
    const {pass, line} = await endToEnd(await makeRig())
    const {client, dyno} = await pass(post(asking))
    dyno.send(goOn)
    await client.reads(/100 Continue/)
    client.send(body)
    await dyno.reads(/0123456789$/)
    dyno.send(goOn)
    await client.reads(/HTTP\/1\.1 502 /)
    expect(await line()).toContain(' status=502 ')
  })

  test('continue_upgrade_httpbis: a 101 may follow a 100', async ({makeRig}) => {
    const {pass} = await endToEnd(await makeRig())
    const {client, dyno} = await pass(upgrade)
    dyno.send(goOn)
    await client.reads(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    client.send(body)
    await dyno.reads(/0123456789$/)
    dyno.send(switching)
    await client.reads(/HTTP\/1\.1 101 .*\r\n\r\n$/s)
    client.send('ping')
    await dyno.reads(/ping$/)
    dyno.send('pong')
    await client.reads(/pong$/)
  })

  test('upgrade_no_continue: a 101 may come without a 100, and ends the wait for the body', async ({makeRig}) => {
    const {pass} = await endToEnd(await makeRig())
    const {client, dyno} = await pass(upgrade)
    dyno.send(switching)
    await client.reads(/^HTTP\/1\.1 101 .*\r\n\r\n$/s)
    client.send('ping, and more than ten bytes')
    await dyno.reads(/ping, and more than ten bytes$/)
    dyno.send('pong')
    await client.reads(/pong$/)
  })

  test('terminal_no_continue_partial: a final answer without a 100 ends the connection', async ({makeRig}) => {
    const {pass} = await endToEnd(await makeRig())
    const {client, dyno} = await pass(post(asking))
    dyno.send(ok)
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close\r\n\r\nok$/s)
    await dyno.closes()
  })

  test('terminal_no_continue_complete: also when the body was sent already', async ({makeRig}) => {
    const {pass} = await endToEnd(await makeRig())
    const {client, dyno} = await pass(post(asking))
    client.send(body)
    await dyno.reads(/0123456789$/)
    dyno.send(ok)
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close\r\n\r\nok$/s)
  })
})

describe('b.4.2, a 100 that nobody asked for', () => {
  test('no_expect_continue: goes to a 1.1 client', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(post('') + body)
    dyno.send(goOn)
    await client.reads(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    dyno.send(ok)
    await client.reads(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK.*ok$/s)
  })

  test('http_1_0_continue: is kept from a 1.0 client', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(post('', '1.0') + body)
    dyno.send(goOn)
    dyno.send(ok)
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  test('other interim answers are not passed on', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n')
    dyno.send(`HTTP/1.1 102 Processing\r\n\r\n${ok}`)
    await client.reads(/^HTTP\/1\.1 200 OK.*ok$/s)
  })
})
