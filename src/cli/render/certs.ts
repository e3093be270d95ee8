import type {StoreReport, TrustReport, UntrustReport} from '../../platform/trust-certificates.ts'

/** What `certs:trust` did, what is left to do by hand, and who could read the key. */
export function renderTrust({authority, names, uncovered, stores, keyFile, keyReaders}: TrustReport): string {
  return [
    `${authority} speaks for ${[...names, 'loopback addresses'].join(', ')} and all names below them, and for nothing else.`,
    ...(uncovered.length === 0
      ? []
      : [`Not for ${uncovered.join(', ')}: \`homeport certs:untrust\` first, then \`homeport certs:trust ${domainFlags(uncovered)}\`.`]),
    ...renderStores(stores, {done: 'trusts it now', unchanged: 'trusts it already'}),
    ...(stores.length === 0 ? ['No store was found here.'] : []),
    `Its key ${keyFile} can be read by ${keyReaders}.`,
    'Out again: `homeport certs:untrust`. Browsers that run may have to be started anew.',
  ].join('\n')
}

/** What `certs:untrust` did. */
export function renderUntrust({authority, removed, stores}: UntrustReport): string {
  if (!removed) return 'There is no local certificate authority.'
  return [
    ...renderStores(stores, {done: 'trusts it no more', unchanged: 'did not trust it'}),
    `${authority ?? 'The local certificate authority'} is gone, its key too. The next \`--tls\` makes a new one.`,
  ].join('\n')
}

function domainFlags(domains: readonly string[]): string {
  return domains.map(domain => `--domain ${domain.includes('*') ? `'${domain}'` : domain}`).join(' ')
}

function renderStores(stores: readonly StoreReport[], words: {readonly done: string; readonly unchanged: string}): readonly string[] {
  return stores.flatMap(report => {
    const place = `${report.store} (${report.path})`
    return report.status === 'by hand'
      ? [`${place}: by hand, since ${report.detail}:`, `  ${report.command}`]
      : [`${place} ${words[report.status]}.`]
  })
}
