/** What an authority on one machine is always good for: names that lead nowhere else (RFC 6761). */
const localNames = ['localhost', 'test']

const namePattern = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/

/**
 * The names that a local certificate authority is good for, each with all names below it: `localhost`, `test` and the `--domain`
 * names of its creation. `*` is none, `*.example.com` gives `example.com`. What another one covers is left out.
 */
export function planPermittedNames(domains: readonly string[]): readonly string[] {
  const names: string[] = [...localNames]
  for (const domain of domains) {
    const name = certificateName(domain)
    if (name !== undefined && !isPermittedName(name, names)) names.push(name)
  }
  return names
}

/** Whether an authority that is good for `names` may speak for this host; a loopback address always. */
export function isPermittedName(host: string, names: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (isAddress(name)) return name === '::1' || name.startsWith('127.')
  return names.some(permitted => name === permitted || name.endsWith(`.${permitted}`))
}

/** Those of the `--domain` names for which an authority that is good for `names` can give no certificate. */
export function uncoveredDomains(domains: readonly string[], names: readonly string[]): readonly string[] {
  return domains.filter(domain => {
    const name = certificateName(domain)
    return name !== undefined && !isPermittedName(name, names)
  })
}

/** The name that stands for a `--domain` in a certificate; none for `*`, for an address and for what is no name. */
function certificateName(domain: string): string | undefined {
  const name = domain.toLowerCase().replace(/^\*\./, '').replace(/\.$/, '')
  return namePattern.test(name) && !isAddress(name) ? name : undefined
}

/** An IP literal: a name whose last part is a number is none (RFC 3696). */
function isAddress(name: string): boolean {
  return name.includes(':') || /(?:^|\.)\d+$/.test(name)
}
