import {constants} from 'node:http2'
import {describe} from 'vitest'
import {expect, ok} from '../rig.ts'
import {test} from '../secure-rig.ts'
import {type Field, fieldBlock, frame, plain, preface, readFrames, request, types} from './frames.ts'

const without = (name: string) => plain.filter(([other]) => other !== name)
const instead = (name: string, value: string): readonly Field[] => plain.map(field => (field[0] === name ? [name, value] : field))

const malformed: readonly (readonly [what: string, fields: readonly Field[]])[] = [
  ['a name in upper case', [...plain, ['X-A', '1']]],
  ['a field of the connection', [...plain, ['connection', 'close']]],
  ['a transfer-encoding', [...plain, ['transfer-encoding', 'chunked']]],
  ['no path', without(':path')],
  ['an empty path', instead(':path', '')],
  ['a blank in the path', instead(':path', '/a b')],
  ['no method', without(':method')],
  ['two methods', [...plain, [':method', 'POST']]],
  ['no host', without(':authority')],
  ['a host that is none', instead(':authority', 'a b')],
  ['a length that is none', [...plain, ['content-length', 'x']]],
  ['a pseudo field after others', [['x', '1'], ...plain]],
  ['a pseudo field that nobody knows', [...plain, [':x', '1']]],
]

describe('what is no request by the rules of HTTP/2', () => {
  test.for(malformed)('%s: its stream is reset, one H26 is told of, and the connection lives on', async ([, fields], {makeSecureRig}) => {
    const {connectTls, dyno, events} = await makeSecureRig()
    dyno.answers(ok)
    const client = await connectTls({ALPNProtocols: ['h2']})
    client.send(Buffer.concat([preface, request(1, fields), request(3, plain)]))
    await expect.poll(() => events.length).toBe(2)
    const lines = events.map(({line}) => line)
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^at=error code=H26 desc="Request Error" cause="bad header" method= path= host= request_id=\S{36} fwd="127\.0\.0\.1" dyno= connect= service= status=400 bytes= protocol=https tls=true tls_version=tls1\.3$/,
      ),
    )
    expect(lines).toContainEqual(expect.stringContaining(' status=200 '))
    await expect
      .poll(() => readFrames(client.text))
      .toContainEqual({type: types.reset, stream: 1, errorCode: constants.NGHTTP2_PROTOCOL_ERROR})
  })

  test('fields that cannot be read end the connection, and the request is told of', async ({makeSecureRig}) => {
    const {connectTls, event} = await makeSecureRig()
    const client = await connectTls({ALPNProtocols: ['h2']})
    client.send(Buffer.concat([preface, frame(types.headers, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))]))
    await client.closes()
    expect(await event()).toMatchObject({code: 'H26', status: 400})
  })

  test('a client that goes away before its fields are complete made no request', async ({makeSecureRig}) => {
    const {connectTls, events, settle} = await makeSecureRig()
    const client = await connectTls({ALPNProtocols: ['h2']})
    client.send(Buffer.concat([preface, frame(types.headers, 1, 1, fieldBlock(plain))]))
    await client.readsBytes(9)
    client.close()
    await settle()
    expect(events).toHaveLength(0)
  })

  test('a request too many for one connection may come again, and is none of these', async ({makeSecureRig}) => {
    const {connectTls, dyno, events} = await makeSecureRig()
    const client = await connectTls({ALPNProtocols: ['h2']})
    const ids = Array.from({length: 101}, (_, i) => 2 * i + 1)
    // A client that does not know of the limit yet.
    client.send(Buffer.concat([preface, ...ids.map(id => request(id, plain))]))
    await expect
      .poll(() => readFrames(client.text))
      .toContainEqual({type: types.reset, stream: 201, errorCode: constants.NGHTTP2_REFUSED_STREAM})
    await expect.poll(() => dyno.peers.filter(({text}) => text.endsWith('\r\n\r\n')).length).toBe(100)
    for (const peer of dyno.peers) peer.send(ok)
    await expect.poll(() => events.length).toBe(100)
    expect(events.filter(({status}) => status !== 200)).toEqual([])
  })
})
