import type {RouterFault} from '../../model/router-fault.ts'

/** What the router's own pages say (platform.md b.8): unstyled HTML, the platform's first sentence, then what it means here. */
const explanations: Readonly<Record<string, string>> = {
  H10: 'The web dyno crashed. Its last lines tell why; it is started again after a while, or with `homeport ps:restart`.',
  H11: 'Too many requests are under way for the dynos that run. More of them: `homeport ps:scale web=2`.',
  H12: 'The dyno took more than 30 seconds to begin its answer.',
  H13: 'The dyno took the request and closed the connection without a word.',
  H14: 'No web dyno runs. Start one: `homeport ps:scale web=1`.',
  H15: 'Neither side sent anything for 55 seconds.',
  H17: 'The answer of the dyno is not HTTP as the platform wants it: `HTTP/1.1 200 OK`, headers, CRLF line ends.',
  H18: 'The dyno closed the connection in the middle of its answer.',
  H19: 'The dyno did not accept a connection within 5 seconds.',
  H20: 'No dyno was up within 75 seconds.',
  H21: 'Nothing accepts connections where the dyno should listen.',
  H22: 'Too many client connections are open.',
  H25: 'A line of the answer is longer than the platform lets through, or its lengths differ.',
  H81: 'Nothing was released yet.',
  H99: 'No dyno could be reached for 75 seconds.',
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
  508: 'Loop Detected',
}

export function reasonPhrase(status: number): string {
  return reasons[status] ?? 'Error'
}

export type PageOptions = {
  readonly requestId: string
  /** Why a request was refused. */
  readonly reason?: string
  /** Shown as it stands instead of anything else, such as the text of R10. */
  readonly notice?: string | undefined
  readonly errorPageUrl?: string | undefined
  readonly maintenancePageUrl?: string | undefined
}

/** The page for a request that went wrong. The status stays that of the fault, also when the app has a page of its own. */
export function renderFaultPage(fault: RouterFault, options: PageOptions): string {
  const {reason, notice, errorPageUrl, maintenancePageUrl} = options
  if (notice !== undefined) return page('Application error', [notice])
  if (fault.code === 'H80') {
    if (maintenancePageUrl !== undefined) return frame('Offline for maintenance', maintenancePageUrl)
    return page('Offline for maintenance', [
      'This application is undergoing maintenance right now. Please check back later.',
      'The dynos go on running. To end it: `homeport maintenance:off`.',
    ])
  }
  const status = fault.status ?? 503
  if (status === 508) {
    return page('Loop detected', [
      'This request came back to the router again and again: a dyno answers it by asking the router for the very same thing.',
      'Look for a proxy in the app whose target is its own address, or the address of the router.',
    ])
  }
  if (status === 421) {
    return page(reasonPhrase(status), [
      'This connection was opened for another host than this request names. Ask for it on a connection of its own.',
    ])
  }
  if (status < 500 || status === 505)
    return page(reasonPhrase(status), [`The router refused this request: ${reason ?? reasonPhrase(status)}.`])
  if (errorPageUrl !== undefined) return frame('Application error', errorPageUrl)
  return page('Application error', [
    'An error occurred in the application and your page could not be served.',
    `${fault.code ?? ''} ${fault.description ?? ''}${fault.cause === undefined ? '' : ` (${fault.cause})`}. ${explanations[fault.code ?? ''] ?? ''}`,
    `Request ${options.requestId}; what happened before: \`homeport logs --tail\`.`,
  ])
}

/** The page for a host that leads nowhere. `addresses` are what runs here, for those alone who may see it. */
export function renderUnknownHostPage(host: string, hint: string, addresses: readonly string[]): string {
  const list = addresses.map(address => `<li><a href="${escapeHtml(address)}">${escapeHtml(address)}</a></li>`)
  return page(
    'No such app',
    [`There is no app for the host ${host}.`, hint],
    list.length === 0 ? '' : `<p>Running here:</p><ul>${list.join('')}</ul>`,
  )
}

function page(title: string, paragraphs: readonly string[], rest = ''): string {
  const text = paragraphs.map(paragraph => `<p>${escapeHtml(paragraph).replaceAll(/`([^`]*)`/g, '<code>$1</code>')}</p>`).join('')
  return document(title, `<h1>${escapeHtml(title)}</h1>${text}${rest}`)
}

function frame(title: string, url: string): string {
  return document(title, `<iframe src="${escapeHtml(url)}" style="border:0;position:fixed;inset:0;width:100%;height:100%"></iframe>`)
}

function document(title: string, body: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head><body>${body}</body></html>\n`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
