import type {Random} from './random.ts'

/** One request and the answer that its dyno gives, with the bodies that must arrive. */
export type Turn = {
  readonly id: string
  readonly request: string
  readonly isHead: boolean
  readonly requestBody: string
  readonly answer: string
  readonly status: number
  readonly answerBody: string
  /** The dyno closes after the answer, since nothing else tells its end. */
  readonly endsWithClose: boolean
  /** The connection to the client closes after this turn, by the rules. */
  readonly closes: boolean
}

/** A body of which no byte is the same in two turns at the same place for long: one that goes astray is seen. */
function bodyOf(id: string, size: number): string {
  return `<${id}>`.repeat(Math.ceil(size / (id.length + 2))).slice(0, size)
}

function chunked(body: string, random: Random): string {
  let text = ''
  for (const piece of body === '' ? [] : random.pieces(body)) {
    const size = random.chance(0.5) ? piece.length.toString(16) : piece.length.toString(16).toUpperCase()
    text += `${random.pick(['', '', '0', '000'])}${size}${random.pick(['', '', '', ';a', ';a=b', ';a="x y";b'])}\r\n${piece}\r\n`
  }
  return `${text}${random.pick(['0', '000'])}\r\n${random.pick(['', '', 'X-Checked: 1\r\n', 'A:\r\nB: 2\r\n'])}\r\n`
}

function noise(random: Random): string {
  let lines = ''
  for (let i = random.below(5); i > 0; i--) {
    lines += `${random.pick(['X-A', 'accept', 'COOKIE', 'x', 'Te', 'Keep-Alive', 'Via', 'X-Forwarded-For', 'X-Request-Id'])}:${random.pick(['', ' ', '\t '])}${random.pick(['', 'a', 'a, b', '"x y"', '\xe4\xf6', 'a'.repeat(300)])}${random.pick(['', ' '])}\r\n`
  }
  return lines
}

/** A turn that keeps to the rules, in one of the many ways in which that can be done. */
export function makeTurn(id: string, isLast: boolean, random: Random): Turn {
  const method = random.pick(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PROPFIND'])
  const isHead = method === 'HEAD'
  const minor = isLast && random.chance(0.2) ? 0 : 1
  const hasBody = method !== 'GET' && !isHead && random.chance(0.7)
  const requestBody = hasBody ? bodyOf(`q${id}`, random.size(random.pick([50, 5000, 150_000]))) : ''
  const isChunked = hasBody && minor === 1 && random.chance(0.5)
  const asksClose = isLast || random.chance(0.1)
  const framing = hasBody ? (isChunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${requestBody.length}\r\n`) : ''
  const connection = asksClose
    ? 'Connection: close\r\n'
    : random.pick(['', 'Connection: keep-alive\r\n', 'Connection: keep-alive, X-A\r\n'])
  const head = `${method} /${id} HTTP/1.${minor}\r\nHost: app.localhost\r\n${noise(random)}${framing}X-Turn: ${id}\r\n${connection}${noise(random)}\r\n`
  const request = head + (isChunked ? chunked(requestBody, random) : requestBody)
  return {id, request, isHead, requestBody, ...makeAnswer(id, {isHead, minor, asksClose}, random)}
}

function makeAnswer(id: string, {isHead, minor, asksClose}: {isHead: boolean; minor: number; asksClose: boolean}, random: Random) {
  const status = random.pick([200, 200, 200, 201, 204, 304, 404, 500, 666])
  const isEmpty = isHead || status === 204 || status === 304
  const framing = random.pick(['length', 'chunked', 'close'])
  const body = bodyOf(`a${id}`, random.size(random.pick([50, 5000, 300_000])))
  const lines = framing === 'length' ? `Content-Length: ${body.length}\r\n` : framing === 'chunked' ? 'transfer-encoding: Chunked\r\n' : ''
  const says = framing === 'close' || random.chance(0.1) ? 'Connection: close\r\n' : ''
  const interim = random.chance(0.1)
    ? random.pick(['HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'])
    : ''
  const head = `${interim}HTTP/1.1 ${status} Some Reason\r\n${noise(random)}${lines}${says}${noise(random)}\r\n`
  return {
    answer: isEmpty ? head : head + (framing === 'chunked' ? chunked(body, random) : body),
    status,
    answerBody: isEmpty ? '' : body,
    endsWithClose: framing === 'close' && !isEmpty,
    closes: asksClose || minor === 0 || (framing === 'close' && !isEmpty),
  }
}

/** A text with one thing wrong with it, or nothing: a byte changed, lost, doubled, put in, or the rest cut off. */
export function mutate(text: string, random: Random): string {
  const at = random.below(random.chance(0.7) ? Math.min(text.length, 300) : text.length)
  const byte = random.pick([
    '\r',
    '\n',
    '\0',
    ' ',
    '\t',
    ':',
    ',',
    ';',
    '0',
    '9',
    'f',
    '-',
    '+',
    '\x7f',
    '\xff',
    '\r\n',
    'HTTP/1.1',
    'chunked',
  ])
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + byte + text.slice(at + 1)
    case 1:
      return text.slice(0, at) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + text.slice(at - 1)
    case 3:
      return text.slice(0, at) + byte + text.slice(at)
    default:
      return text.slice(0, at)
  }
}
