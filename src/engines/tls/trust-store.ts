/** The authority's certificate, as stores want it. */
export type TrustedCertificate = {
  /** By which a store lists it. */
  readonly commonName: string
  /** Eight hex digits that no other authority of this machine has: part of a file's name. */
  readonly id: string
  readonly pem: string
  readonly file: string
}

/** `unchanged`: it was so already. `by hand`: `command` is what someone who may must type; `detail` says why. */
export type StoreOutcome =
  | {readonly status: 'done' | 'unchanged'}
  | {readonly status: 'by hand'; readonly command: string; readonly detail: string}

/** A place where programs look whom to trust. Both verbs may be called again. */
export type TrustStore = {
  /** `system`, `chromium`, `firefox`. */
  readonly name: string
  readonly path: string
  trust(certificate: TrustedCertificate): Promise<StoreOutcome>
  untrust(certificate: TrustedCertificate): Promise<StoreOutcome>
}
