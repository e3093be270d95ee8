import {request} from 'node:http'
import {setTimeout as pause} from 'node:timers/promises'
import {type Answer, judgeAnswer, type UrlCheck} from '../model/url-check.ts'

export type AskOptions = {
  readonly port: number
  /** The Host that is asked for. */
  readonly host: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const retryMs = 100
const mostBytes = 10 * 1024 * 1024

/** Asks until the answer is right; gives what was wrong with the last one when the time is over. */
export async function askUntilRight(check: UrlCheck, {timeoutMs, ...options}: AskOptions): Promise<string | undefined> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const wrong = await askOnce(check, {...options, timeoutMs: Math.max(1, deadline - performance.now())})
    if (wrong === undefined || performance.now() + retryMs > deadline || options.signal.aborted) return wrong
    await pause(retryMs, undefined, {signal: options.signal}).catch(() => {})
  }
}

async function askOnce(check: UrlCheck, options: AskOptions): Promise<string | undefined> {
  try {
    return judgeAnswer(check, await get(check.path, options))
  } catch (error) {
    return `no answer: ${error instanceof Error ? error.message : error}`
  }
}

/** GET through the router; redirects are not followed. */
function get(path: string, {port, host, timeoutMs, signal}: AskOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutMs))])
    const asked = request(
      {port, host: '127.0.0.1', path, headers: {Host: host, 'User-Agent': 'homeport-ci', Connection: 'close'}, signal: late},
      answer => {
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= mostBytes) chunks.push(chunk)
        })
        answer.on('end', () => resolve({status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString()}))
        answer.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
