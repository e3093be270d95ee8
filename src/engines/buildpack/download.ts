import {createHash} from 'node:crypto'
import {createWriteStream} from 'node:fs'
import {Agent as HttpAgent, get as httpGet, type IncomingMessage} from 'node:http'
import {Agent as HttpsAgent, get as httpsGet} from 'node:https'
import {Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {redactUrl} from '../../model/buildpack.ts'
import {FetchFailed} from './try-again.ts'

export type DownloadOptions = {
  readonly signal: AbortSignal
  readonly maxBytes: number
  /** Proxy variables are taken from here. */
  readonly env: Readonly<Record<string, string>>
  /** Hex; what comes must have it. Only with it may a redirection lead to http://. */
  readonly sha256?: string
}

const maxRedirects = 5

/** Downloads `url` to `file`. Rejects with FetchFailed, and with the signal's reason. */
export async function download(url: string, file: string, options: DownloadOptions): Promise<void> {
  const response = await follow(url, options)
  const hash = createHash('sha256')
  let bytes = 0
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      hash.update(chunk)
      if (bytes > options.maxBytes) done(new FetchFailed(`it is larger than ${options.maxBytes} bytes`, {isFinal: true}))
      else done(null, chunk)
    },
  })
  try {
    await pipeline(response, watch, createWriteStream(file, {mode: 0o600}), {signal: options.signal})
  } catch (error) {
    throw asFailure(error, options.signal)
  }
  const digest = hash.digest('hex')
  if (options.sha256 !== undefined && digest !== options.sha256) {
    throw new FetchFailed(`its SHA-256 is ${digest}, not ${options.sha256}`, {isFinal: true})
  }
}

async function follow(first: string, options: DownloadOptions): Promise<IncomingMessage> {
  let url = new URL(first)
  for (let redirects = 0; ; redirects += 1) {
    const response = await ask(url, options)
    const status = response.statusCode ?? 0
    if (status === 200) return response
    response.destroy()
    const location = response.headers.location
    if (status < 300 || status > 399 || location === undefined || redirects >= maxRedirects) {
      throw new FetchFailed(`the answer was ${status}`, {isFinal: status < 500 && status !== 429})
    }
    const next = new URL(location, url)
    const isAllowed = next.protocol === 'https:' || (next.protocol === 'http:' && options.sha256 !== undefined)
    if (!isAllowed) throw new FetchFailed(`it leads to ${redactUrl(next.href)}, which is not https`, {isFinal: true})
    url = next
  }
}

function ask(url: URL, {signal, env}: DownloadOptions): Promise<IncomingMessage> {
  const isHttps = url.protocol === 'https:'
  const agent = isHttps ? new HttpsAgent({proxyEnv: env}) : new HttpAgent({proxyEnv: env})
  const settings = {agent, signal, headers: {'user-agent': 'homeport', accept: '*/*'}}
  return new Promise((resolve, reject) => {
    const request = isHttps ? httpsGet(url, settings, resolve) : httpGet(url, settings, resolve)
    request.once('error', error => reject(asFailure(error, signal)))
  })
}

function asFailure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof FetchFailed || !(error instanceof Error)) return error
  return new FetchFailed(redactUrl(error.message), {isFinal: false})
}
