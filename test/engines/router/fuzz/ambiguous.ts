import type {Random} from './random.ts'

const host = 'Host: app.localhost'
const smuggled = `GET /smuggled HTTP/1.1\r\n${host}\r\n\r\n`

const framings = [
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 05',
  'Content-Length:5',
  'content-length: 5 ',
  'Content-Length : 5',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: 0x5',
  'Content-Length:\x0b5',
  `Content-Length: ${smuggled.length}`,
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'transfer-encoding:\tchunked ',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer\x00-Encoding: chunked',
] as const

const others = [
  'X: a',
  'X: a\r\n b',
  'X: a\r\n\tContent-Length: 5',
  ' X: a',
  'X: a\nContent-Length: 5',
  'X: a\rTransfer-Encoding: chunked',
  'X:',
  ': x',
  'Connection: close',
  'Connection: content-length',
  'Connection: transfer-encoding, keep-alive',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'Trailer: Content-Length',
  'TE: trailers',
  host,
  'Host: app.localhost:80',
] as const

const bodies = [
  '',
  'abcde',
  '5\r\nabcde\r\n0\r\n\r\n',
  '0\r\n\r\n',
  '0\n\n',
  '5;a=b\r\nabcde\r\n0\r\nX: 1\r\n\r\n',
  '5\r\nabcde\r\n0\r\nContent-Length: 9\r\n\r\n',
  '5 \r\nabcde\r\n0\r\n\r\n',
  '+5\r\nabcde\r\n0\r\n\r\n',
  '5\nabcde\n0\n\n',
  'ffffffffffffffff\r\n',
] as const

/** A request in which two parsers may see two different things, and another one behind it that only one of them might see. */
export function ambiguousRequest(random: Random): string {
  const endOfLine = () => (random.chance(0.04) ? random.pick(['\n', '\r', '\r\r\n']) : '\r\n')
  const start = `${random.pick(['POST', 'POST', 'GET', 'PUT'])}${random.chance(0.03) ? '  ' : ' '}/first HTTP/1.${random.chance(0.1) ? 0 : 1}`
  const lines = [host, random.pick(framings)]
  while (random.chance(0.5)) lines.push(random.chance(0.4) ? random.pick(framings) : random.pick(others))
  const shuffled = lines.map(line => ({line, order: random.next()})).sort((a, b) => a.order - b.order)
  const head = [start, ...shuffled.map(({line}) => line), ''].map(line => line + endOfLine()).join('')
  return head + random.pick(bodies) + (random.chance(0.8) ? smuggled : '')
}
