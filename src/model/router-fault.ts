/** What the router says about a request that went wrong (platform.md b.7): the words of its log line and the status of its page. */
export type RouterFault = {
  /** Absent where the platform has no code: an unknown host, a request that goes in circles. */
  readonly code?: string
  readonly description?: string
  readonly cause?: string
  /** The status in the log line, and of the page when no byte of an answer was sent. H24 has none. */
  readonly status?: number
  readonly level: 'info' | 'warning' | 'error'
  readonly sock?: 'client' | 'backend'
  /** The samples of H25 give `connect` and `service` without `ms`. */
  readonly unitless?: true
}

const badHead = (status: number, cause = 'bad header') =>
  ({code: 'H26', description: 'Request Error', cause, status, level: 'error'}) as const

const restriction = (what: string) =>
  ({code: 'H25', description: `HTTP restriction: ${what}`, status: 502, level: 'error', unitless: true}) as const

/** Every fault that a router on one machine can meet, by what happened. */
export const routerFaults = {
  appCrashed: {code: 'H10', description: 'App crashed', status: 503, level: 'error'},
  backlogTooDeep: {code: 'H11', description: 'Backlog too deep', status: 503, level: 'error'},
  requestTimeout: {code: 'H12', description: 'Request timeout', status: 503, level: 'error'},
  closedWithoutResponse: {code: 'H13', description: 'Connection closed without response', status: 503, level: 'error'},
  noWebProcesses: {code: 'H14', description: 'No web processes running', status: 503, level: 'error'},
  idleConnection: {code: 'H15', description: 'Idle connection', status: 503, level: 'error'},
  poorlyFormattedResponse: {code: 'H17', description: 'Poorly formatted HTTP response', status: 503, level: 'error'},
  /** A bad chunk before anything was relayed, or a second 100: b.3 and the platform's own table give these 502. */
  invalidResponseBody: {code: 'H17', description: 'Poorly formatted HTTP response', status: 502, level: 'error'},
  serverInterrupted: {code: 'H18', description: 'Server Request Interrupted', status: 503, level: 'error', sock: 'backend'},
  backendTimeout: {code: 'H19', description: 'Backend connection timeout', status: 503, level: 'error'},
  bootTimeout: {code: 'H20', description: 'App boot timeout', status: 503, level: 'error'},
  backendRefused: {code: 'H21', description: 'Backend connection refused', status: 503, level: 'error'},
  connectionLimit: {code: 'H22', description: 'Connection limit reached', status: 503, level: 'error'},
  forcedClose: {code: 'H24', description: 'Forced close', level: 'error'},
  invalidContentLength: restriction('invalid content length'),
  oversizedCookie: restriction('oversized cookie'),
  oversizedHeader: restriction('oversized header'),
  oversizedStatusLine: restriction('oversized status line'),
  badHeader: badHead(400),
  methodNotAllowed: badHead(405),
  versionNotSupported: badHead(505),
  unsupportedExpect: badHead(417, 'unsupported expect header value'),
  badChunk: badHead(400, 'bad chunk'),
  clientInterrupted: {code: 'H27', description: 'Client Request Interrupted', status: 499, level: 'warning', sock: 'client'},
  clientIdle: {code: 'H28', description: 'Client Connection Idle', status: 499, level: 'warning'},
  /** The client named another host in its handshake than in its request. */
  certificateMismatch: {code: 'H32', description: 'TLS Certificate Mismatch', status: 421, level: 'error'},
  maintenance: {code: 'H80', description: 'Maintenance mode', status: 503, level: 'info'},
  blankApp: {code: 'H81', description: 'Blank app', status: 503, level: 'info'},
  platformError: {code: 'H99', description: 'Platform error', status: 503, level: 'error'},
  unknownHost: {status: 404, level: 'info'},
  loop: {status: 508, level: 'error'},
} as const satisfies Record<string, RouterFault>

export type RouterFaultName = keyof typeof routerFaults
