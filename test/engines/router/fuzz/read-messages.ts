/** A message as a plain reader sees it; written apart from the router's own parsers, to check them. */
export type Message = {
  readonly start: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** It ended where it should; else the text ended first. */
  readonly isComplete: boolean
}

/** Reads all messages of a text. `isBodyless` tells by index and first line which have no body; `endsWithText`: the text's end ends a body. */
export function readMessages(
  text: string,
  {isBodyless, endsWithText}: {isBodyless: (index: number, start: string) => boolean; endsWithText: boolean},
): readonly Message[] {
  const messages: Message[] = []
  let rest = text
  while (rest !== '') {
    const headEnd = rest.indexOf('\r\n\r\n')
    if (headEnd < 0) {
      messages.push({start: rest, headers: new Map(), body: '', isComplete: false})
      return messages
    }
    const [start = '', ...lines] = rest.slice(0, headEnd).split('\r\n')
    const headers = new Map(lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
    rest = rest.slice(headEnd + 4)
    const isInterim = /^HTTP\/1\.1 1\d\d /.test(start)
    if (isInterim || isBodyless(messages.length, start)) {
      if (!isInterim) messages.push({start, headers, body: '', isComplete: true})
      continue
    }
    const {body, size, isComplete} = readBody(rest, headers, endsWithText)
    messages.push({start, headers, body, isComplete})
    rest = rest.slice(size)
  }
  return messages
}

function readBody(rest: string, headers: ReadonlyMap<string, string>, endsWithText: boolean) {
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return readChunks(rest)
  const length = headers.get('content-length')
  if (length === undefined) return {body: rest, size: rest.length, isComplete: endsWithText}
  const body = rest.slice(0, Number(length))
  return {body, size: body.length, isComplete: body.length === Number(length)}
}

function readChunks(rest: string) {
  let body = ''
  let at = 0
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(rest.slice(at, lineEnd), 16)
    if (Number.isNaN(size)) return {body, size: rest.length, isComplete: false}
    const chunk = rest.slice(lineEnd + 2, lineEnd + 2 + size)
    body += chunk
    at = lineEnd + 2 + size + 2
    if (chunk.length < size) return {body, size: rest.length, isComplete: false}
    if (size > 0) continue
    const trailers = rest.slice(lineEnd)
    const end = trailers.indexOf('\r\n\r\n')
    return end < 0 ? {body, size: rest.length, isComplete: false} : {body, size: lineEnd + end + 4, isComplete: true}
  }
}
