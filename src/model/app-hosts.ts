import {hostLabel} from './dyno.ts'
import {HomeportError} from './error.ts'

/** A host name and the process type that answers there. */
export type AppHost = {readonly host: string; readonly type: string}

/** Every IP literal: `127.0.0.1`, `[::1]`. */
export const anyAddressHost = '<address>'

/**
 * The host names of an app (cli.md section 2, Names): `localhost`, `APP.localhost`, IP literals and the `--domain` names lead
 * to web, `TYPE.APP.localhost` to another type. Of two types with one label the second gets a warning and no name. Throws
 * FLAG_INVALID for a `--domain` that is no host name.
 */
export function planHosts(
  app: string,
  types: Iterable<string>,
  domains: readonly string[],
): {readonly hosts: readonly AppHost[]; readonly warnings: readonly string[]} {
  for (const domain of domains) checkDomain(domain)
  const hosts: AppHost[] = ['localhost', `${app}.localhost`, anyAddressHost, ...domains].map(host => ({host, type: 'web'}))
  const owners = new Map<string, string>()
  const warnings: string[] = []
  for (const type of types) {
    if (type === 'web') continue
    const label = hostLabel(type)
    const owner = owners.get(label)
    if (owner !== undefined) {
      warnings.push(`${owner} and ${type} have the same host name ${label}.${app}.localhost: it leads to ${owner}.`)
      continue
    }
    owners.set(label, type)
    hosts.push({host: `${label}.${app}.localhost`, type})
  }
  return {hosts, warnings}
}

/** A host name without port or path; `*` for any, `*.example.test` for those below one. */
function checkDomain(domain: string): void {
  if (/^(\*|(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?|\[?[\da-f.]*:[\da-f.]*:[\da-f:.]*\]?)$/iu.test(domain)) return
  throw new HomeportError('FLAG_INVALID', `--domain: “${domain}” is no host name.`, {
    hint: 'Write the name alone, such as shop.test; no http://, no port, no path.',
  })
}
