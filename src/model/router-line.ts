import type {RouterFault} from './router-fault.ts'

/** What a router line tells about one request; an absent value prints as `name=`. */
export type RouterLineFields = {
  readonly fault?: RouterFault | undefined
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly host: string
  readonly requestId: string
  /** The addresses of X-Forwarded-For and of the client, comma-separated, without blanks. */
  readonly fwd: string
  readonly dyno: string
  readonly connectMs?: number | undefined
  readonly serviceMs?: number | undefined
  readonly status?: number | undefined
  readonly bytes?: number | undefined
  readonly protocol: string
  /** `tls1.3`; only for a connection with TLS. */
  readonly tlsVersion?: string | undefined
}

/**
 * The router's log line for one request, in the legacy form and field by field as platform.md b.9 has it, without time and
 * source: `at=info method=GET path="/" host=… request_id=… fwd="…" dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=http`.
 */
export function renderRouterLine(fields: RouterLineFields): string {
  const {fault} = fields
  const unit = fault?.unitless === true ? '' : 'ms'
  return (
    (fault === undefined ? 'at=info' : renderFault(fault)) +
    ` method=${fields.method} path=${quoted(fields.path)} host=${fields.host} request_id=${fields.requestId} fwd=${quoted(fields.fwd)}` +
    ` dyno=${fields.dyno} connect=${measured(fields.connectMs, unit)} service=${measured(fields.serviceMs, unit)}` +
    ` status=${fields.status ?? ''} bytes=${fields.bytes ?? ''} protocol=${fields.protocol}` +
    (fields.tlsVersion === undefined ? '' : ` tls=true tls_version=${fields.tlsVersion}`)
  )
}

function renderFault({sock, level, code, description, cause}: RouterFault): string {
  return (
    (sock === undefined ? '' : `sock=${sock} `) +
    `at=${level}` +
    (code === undefined ? '' : ` code=${code} desc="${description}"`) +
    (cause === undefined ? '' : ` cause="${cause}"`)
  )
}

/** Bytes that would end the quotes or are no printable ASCII stand as %XX, so that a line stays one line in any encoding. */
function quoted(text: string): string {
  if (text === '') return ''
  return `"${/^[!#-~]*$/.test(text) ? text : text.replaceAll(/[^!#-~]/g, escapeByte)}"`
}

function escapeByte(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function measured(value: number | undefined, unit: string): string {
  return value === undefined ? '' : value + unit
}
