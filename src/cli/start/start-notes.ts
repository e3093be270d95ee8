import {networkInterfaces} from 'node:os'
import type {StartOptions} from '../../model/start-options.ts'

const everywhere = new Set(['0.0.0.0', '::'])

/** What the user should know before the app runs: dynos that are root, a router that others can reach. */
export function startNotes(
  {addresses, domains}: StartOptions,
  {isRoot, port}: {readonly isRoot: boolean; readonly port: string},
): readonly string[] {
  return [
    ...(isRoot ? ['You are root, so the dynos of this folder are root too. `--isolation own-uid` gives each a user of its own.'] : []),
    ...(addresses.some(address => everywhere.has(address)) ? [reachable(port)] : []),
    ...hostsLines(domains),
  ]
}

function reachable(port: string): string {
  const address = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .find(({family, internal}) => family === 'IPv4' && !internal)?.address
  const where = address === undefined ? '' : `: http://${address}:${port}`
  return `Everyone in your network can reach the router${where}`
}

/** Names that no resolver knows need a line in the hosts file; `.localhost` names do not. */
function hostsLines(domains: readonly string[]): readonly string[] {
  const names = domains.filter(domain => !domain.includes('*') && !/(^|\.)localhost\.?$/i.test(domain))
  return names.length === 0
    ? []
    : [`If ${names.join(', ')} does not lead here yet, add this line to /etc/hosts:  127.0.0.1 ${names.join(' ')}`]
}
