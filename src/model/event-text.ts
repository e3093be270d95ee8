import {type OutputEvent, type PlatformEvent, platformLine} from './event.ts'

/** Where lines about the whole app come from (platform.md e.2): `heroku[api]`. */
const app = 'api'

/** Any event as lines of the log that people read (platform.md c.1, b.9): what is no output becomes a line from `heroku`. */
export function textOf(event: PlatformEvent): OutputEvent {
  const {time} = event
  switch (event.type) {
    case 'output':
      return event
    case 'state':
      return platformLine(event.dyno, `State changed from ${event.from} to ${event.to}`, time)
    case 'request':
      return platformLine('router', event.line, time)
    case 'ready':
      return platformLine(app, `${event.app} is ready${urlsText(event)}`, time)
    case 'step':
      return platformLine(app, `${event.name} ${event.status}${event.detail === undefined ? '' : `: ${event.detail}`}`, time)
    case 'release':
      return platformLine(app, `Release v${event.version} ${event.status}: ${event.description}`, time)
    case 'stopped':
      return platformLine(app, `Stopped with exit code ${event.exitCode}${leftText(event.left)}`, time)
  }
}

/** `: http://localhost:5006 and https://localhost:5443` */
export function urlsText({url, httpsUrl}: {readonly url?: string | undefined; readonly httpsUrl?: string | undefined}): string {
  const urls = [url, httpsUrl].filter(text => text !== undefined)
  return urls.length === 0 ? '' : `: ${urls.join(' and ')}`
}

function leftText(left: number): string {
  return left === 0 ? '' : `; ${left} ${left === 1 ? 'process' : 'processes'} had to be killed`
}
