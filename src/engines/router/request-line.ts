import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import {CR, DONE, isTarget, isToken, LF, MORE, type ParseResult, SP} from './bytes.ts'

const HASH = 35
const SLASH = 47
const STAR = 42

/** What a request line is read into: a RequestHead. */
type LineReader = {
  readonly limits: {readonly methodBytes: number}
  at: number
  method: string
  target: string
  minor: number
  authority: string
  refuse(reason: string, fault?: RouterFault): ParseResult
}

/** Reads `METHOD SP target SP HTTP/1.x CRLF` from `start`; `head.at` is then the start of the first header line. */
export function readRequestLine(bytes: Uint8Array, text: string, start: number, head: LineReader): ParseResult {
  const size = text.length
  let i = start
  let byte = 0
  for (; ; i++) {
    if (i >= size) return MORE
    byte = bytes[i] as number
    if (isToken[byte] !== 1) break
  }
  if (byte !== SP || i === start) return head.refuse('a request line that is none')
  if (i - start > head.limits.methodBytes) return head.refuse('a method that is too long')
  head.method = isGet(bytes, start, i) ? 'GET' : text.slice(start, i)

  const targetStart = ++i
  for (; ; i++) {
    if (i >= size) return MORE
    byte = bytes[i] as number
    if (isTarget[byte] !== 1) break
  }
  const targetEnd = i
  if (byte === HASH) {
    // A fragment is for the client alone; the platform drops it too.
    while (byte === HASH || isTarget[byte] === 1) {
      if (++i >= size) return MORE
      byte = bytes[i] as number
    }
  }
  if (byte !== SP || targetEnd === targetStart) return head.refuse('a request target that is none')

  if (size - i < 11) return looksLikeVersion(text.slice(i, size)) ? MORE : head.refuse('a request line that is none')
  if (!text.startsWith(' HTTP/', i)) return head.refuse('a request line that is none')
  if (bytes[i + 9] !== CR || bytes[i + 10] !== LF || bytes[i + 7] !== 46) return head.refuse('a request line that is none')
  if (bytes[i + 6] !== 49 || (bytes[i + 8] !== 49 && bytes[i + 8] !== 48)) {
    return head.refuse('a version of HTTP that is not spoken here', routerFaults.versionNotSupported)
  }
  head.minor = (bytes[i + 8] as number) - 48
  head.at = i + 11
  head.target = text.slice(targetStart, targetEnd)
  const first = bytes[targetStart]
  return first === SLASH ? DONE : readOtherTarget(head, first === STAR)
}

/** `OPTIONS *`, and the absolute form, of which the path is forwarded; its host must be that of the Host header (checked at the end of the head). */
function readOtherTarget(head: LineReader, isStar: boolean): ParseResult {
  if (head.method === 'CONNECT') return head.refuse('CONNECT is not supported', routerFaults.methodNotAllowed)
  if (isStar && head.target === '*') return DONE
  const [, authority, path] = /^https?:\/\/([^/?]+)(.*)$/i.exec(head.target) ?? []
  if (authority === undefined || path === undefined) return head.refuse('a request target that is none')
  head.authority = authority
  head.target = path.startsWith('/') ? path : `/${path}`
  return DONE
}

function isGet(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 3 && bytes[start] === 71 && bytes[start + 1] === 69 && bytes[start + 2] === 84
}

/** Whether these last bytes of a line may still become ` HTTP/1.1\r\n`: a bare LF is refused at once, not awaited. */
function looksLikeVersion(rest: string): boolean {
  return / HTTP\/\d\.\d\r\n/.test(rest + ' HTTP/1.1\r\n'.slice(rest.length))
}
