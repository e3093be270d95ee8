import type {ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders} from 'node:http2'

/** What came back on one stream. */
export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly body: string
  /** The stream was cut, with this code. */
  readonly errorCode: number
}

/** Sends a request with its whole body and waits for the end of the stream. */
export async function exchange(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer> {
  const stream = session.request(headers, {endStream: body === undefined})
  const answer = answerOf(stream)
  if (body !== undefined) stream.end(body)
  return await answer
}

export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let [headers, trailers]: IncomingHttpHeaders[] = [{}, {}]
  const parts: Buffer[] = []
  stream.on('response', fields => {
    headers = fields
  })
  stream.on('trailers', fields => {
    trailers = fields
  })
  stream.on('data', part => parts.push(part))
  stream.on('error', () => undefined)
  await new Promise(resolve => stream.once('close', resolve))
  const body = Buffer.concat(parts).toString('latin1')
  return {status: Number(headers?.[':status'] ?? 0), headers: headers ?? {}, trailers: trailers ?? {}, body, errorCode: stream.rstCode ?? 0}
}
