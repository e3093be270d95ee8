import {userInfo} from 'node:os'
import {findTrustedCertificate, openAuthority, removeAuthority} from '../engines/tls/authority.ts'
import {findNssStores} from '../engines/tls/nss-stores.ts'
import {findSystemStore} from '../engines/tls/system-store.ts'
import type {StoreOutcome, TrustStore} from '../engines/tls/trust-store.ts'
import {uncoveredDomains} from '../model/certificate-names.ts'
import type {Settings} from '../model/settings.ts'

/** How it went with one store. */
export type StoreReport = {readonly store: string; readonly path: string} & StoreOutcome

export type TrustReport = {
  readonly authority: string
  readonly file: string
  /** SHA-256, as stores show it. */
  readonly fingerprint: string
  /** It is good for these names with all below them, and for the loopback addresses. */
  readonly names: readonly string[]
  /** Wished for, but not among the names of its creation. */
  readonly uncovered: readonly string[]
  readonly stores: readonly StoreReport[]
  readonly keyFile: string
  /** Who could read the key, and with it sign for these names. */
  readonly keyReaders: string
}

export type UntrustReport = {readonly authority: string | null; readonly removed: boolean; readonly stores: readonly StoreReport[]}

export type TrustOptions = {
  readonly settings: Pick<Settings, 'stateDir' | 'shellEnv'>
  /** Names that a new authority is to be good for, beside those of this machine. */
  readonly domains: readonly string[]
  /** For tests: other stores than those of this machine. */
  readonly stores?: readonly TrustStore[]
}

/** Makes programs on this machine trust the local authority, which is made when there is none (issue C 2). Rejects with AUTHORITY_UNUSABLE. */
export async function trustCertificates({settings, domains, stores = storesOf(settings)}: TrustOptions): Promise<TrustReport> {
  const authority = await openAuthority(settings, domains)
  const certificate = findTrustedCertificate(settings)
  return {
    authority: authority.commonName,
    file: authority.certificateFile,
    fingerprint: authority.fingerprint,
    names: authority.permittedNames,
    uncovered: uncoveredDomains(domains, authority.permittedNames),
    stores: certificate === undefined ? [] : await inEach(stores, store => store.trust(certificate)),
    keyFile: authority.keyFile,
    keyReaders: keyReaders(),
  }
}

/** Takes the authority out of the stores, then away: without its key nothing more can be signed, wherever it is still trusted. */
export async function untrustCertificates({settings, stores = storesOf(settings)}: Omit<TrustOptions, 'domains'>): Promise<UntrustReport> {
  const certificate = findTrustedCertificate(settings)
  const outcomes = certificate === undefined ? [] : await inEach(stores, store => store.untrust(certificate))
  return {authority: certificate?.commonName ?? null, removed: removeAuthority(settings), stores: outcomes}
}

/** One after the other: each of them changes files that only one may change. */
async function inEach(stores: readonly TrustStore[], act: (store: TrustStore) => Promise<StoreOutcome>): Promise<readonly StoreReport[]> {
  const reports: StoreReport[] = []
  for (const store of stores) reports.push({store: store.name, path: store.path, ...(await act(store))})
  return reports
}

function storesOf({shellEnv}: TrustOptions['settings']): readonly TrustStore[] {
  const system = findSystemStore({platform: process.platform})
  const home = shellEnv['HOME'] ?? ''
  const browsers = home.startsWith('/') ? findNssStores({home, searchPath: shellEnv['PATH'] ?? ''}) : []
  return system === undefined ? browsers : [system, ...browsers]
}

function keyReaders(): string {
  const who = process.geteuid?.() === 0 ? 'root' : `${userName()} and root`
  return `${who}, so by every program that they run: dynos outside of a sandbox too, unless they have a user of their own. A sandboxed dyno cannot`
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `the user ${process.geteuid?.()}`
  }
}
