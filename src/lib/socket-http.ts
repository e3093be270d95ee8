import type {Socket} from 'node:net'

export type HttpCall = {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The most that the whole call may take, its body included. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export type HttpAnswer = {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** To be read to its end, or broken off, which closes the connection. */
  readonly body: AsyncIterable<Buffer>
  /** To write to after a 101, when the connection speaks another protocol: `body` is what comes from the other side then. */
  readonly connection: Socket
}

const maxHeadBytes = 64 * 1024

/**
 * One HTTP/1.1 call over a unix socket, on a connection of its own. Needs only node:net, so that a command that asks one
 * thing starts fast. Rejects with Node's error when nobody listens (ENOENT, ECONNREFUSED) or the connection breaks
 * (ECONNRESET), with code ETIMEDOUT after `timeoutMs`, with the reason of `signal` when that aborts.
 */
export async function callOverSocket(path: string, call: HttpCall): Promise<HttpAnswer> {
  // Not imported: in the binary that would load it for every command.
  const {connect} = process.getBuiltinModule('node:net')
  const socket = connect(path)
  limit(socket, call)
  try {
    socket.write(renderCall(call))
    const input = new Input(socket)
    let head = await readHead(input)
    while (head.status >= 100 && head.status < 200 && head.status !== 101) head = await readHead(input)
    return {...head, body: readBody(input, head), connection: socket}
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** A plain timer, not AbortSignal.timeout: loading what that needs takes a millisecond. */
function limit(socket: Socket, {timeoutMs, signal}: HttpCall): void {
  const abort = () => socket.destroy(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  const late = Object.assign(new Error(`No answer within ${timeoutMs} ms.`), {code: 'ETIMEDOUT'})
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => socket.destroy(late), timeoutMs)
  socket.on('close', () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  })
}

function renderCall({method, target, headers = {}, body}: HttpCall): string {
  const all: Readonly<Record<string, string>> = {
    Host: 'localhost',
    Connection: 'close',
    ...headers,
    ...(body === undefined ? {} : {'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body))}),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

/** What comes from a socket, to be taken in pieces of other sizes than those in which it comes. */
class Input {
  readonly socket: Socket
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.socket = socket
    this.#chunks = socket[Symbol.asyncIterator]()
  }

  /** What is there or comes next; undefined at the end. */
  async take(most = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    if (this.#rest.length === 0 && !(await this.#more())) return undefined
    const taken = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  /** Everything up to a mark, without it. */
  async takeUntil(mark: string): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(mark)
      if (end >= 0) {
        const text = this.#rest.toString('latin1', 0, end)
        this.#rest = this.#rest.subarray(end + mark.length)
        return text
      }
      if (this.#rest.length > maxHeadBytes || !(await this.#more())) throw brokenAnswer()
    }
  }

  async #more(): Promise<boolean> {
    const {value, done} = await this.#chunks.next()
    if (done) return false
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    return true
  }
}

async function readHead(input: Input): Promise<{status: number; headers: ReadonlyMap<string, string>}> {
  const [first = '', ...lines] = (await input.takeUntil('\r\n\r\n')).split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]
  if (status === undefined) throw brokenAnswer()
  const headers = new Map(lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  return {status: Number(status), headers}
}

async function* readBody(input: Input, {status, headers}: {status: number; headers: ReadonlyMap<string, string>}): AsyncGenerator<Buffer> {
  try {
    if (status === 204 || status === 304) return
    if (headers.get('transfer-encoding') === 'chunked') yield* readChunks(input)
    else if (headers.has('content-length')) yield* readBytes(input, Number(headers.get('content-length')))
    else for (let piece = await input.take(); piece !== undefined; piece = await input.take()) yield piece
  } finally {
    input.socket.destroy()
  }
}

async function* readChunks(input: Input): AsyncGenerator<Buffer> {
  for (;;) {
    const bytes = Number.parseInt(await input.takeUntil('\r\n'), 16)
    if (Number.isNaN(bytes)) throw brokenAnswer()
    if (bytes === 0) return
    yield* readBytes(input, bytes)
    await input.takeUntil('\r\n')
  }
}

async function* readBytes(input: Input, bytes: number): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; ) {
    const piece = await input.take(left)
    if (piece === undefined) throw brokenAnswer()
    left -= piece.length
    yield piece
  }
}

function brokenAnswer(): Error {
  return Object.assign(new Error('The connection ended before the answer did.'), {code: 'ECONNRESET'})
}
