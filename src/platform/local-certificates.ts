import {openAuthority} from '../engines/tls/authority.ts'
import {Certificates} from '../engines/tls/certificates.ts'
import {uncoveredDomains} from '../model/certificate-names.ts'

export type LocalCertificatesOptions = {
  readonly stateDir: string
  /** Host names beside those of this machine that are to have certificates. */
  readonly domains: readonly string[]
  readonly warn: (text: string) => void
}

/**
 * Certificates for `--tls`, from the local authority, which is made on first use. Warns when nobody can trust them yet, and of domains
 * that the authority is not good for. Rejects with AUTHORITY_UNUSABLE.
 */
export async function openLocalCertificates({stateDir, domains, warn}: LocalCertificatesOptions): Promise<Certificates> {
  const authority = await openAuthority({stateDir}, domains)
  if (authority.isNew)
    warn('A certificate authority for this machine was made. `homeport certs:trust` makes browsers trust it; without that they warn.')
  const uncovered = uncoveredDomains(domains, authority.permittedNames)
  if (uncovered.length > 0)
    warn(
      `There is no certificate for ${uncovered.join(', ')}: the local authority is good for the names of its creation alone. ` +
        '`homeport certs:untrust` takes it away; the next start makes one for these names.',
    )
  return new Certificates(authority)
}
