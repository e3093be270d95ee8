import {generateKeyPairSync} from 'node:crypto'
import {createSecureContext, type SecureContext} from 'node:tls'
import {isPermittedName} from '../../model/certificate-names.ts'
import {type Authority, keyIdOf} from './authority.ts'

const dayMs = 24 * 3_600_000
/** How long a server's certificate lives, and how long before its end the next one takes its place. */
const lifeMs = 30 * dayMs
const renewedMs = dayMs
/** Clocks of clients may be a little behind. */
const backdatedMs = 3_600_000
const mostCached = 100

/** What a TLS server needs to speak for one host: PEM texts, and what OpenSSL made of them. */
export type Credentials = {readonly cert: string; readonly key: string; readonly context: SecureContext}

type Cached = {readonly credentials: Promise<Credentials>; readonly renewAtMs: number}

/**
 * Certificates for hosts, made on demand: a key that lives as long as this process signs for all of them. Of at most 100 hosts they
 * are kept; the one that was asked for longest ago goes first. Who asks makes sure that a host is one of ours.
 */
export class Certificates {
  readonly #authority: Authority
  readonly #keys = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  readonly #keyPem = this.#keys.privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
  readonly #cached = new Map<string, Cached>()

  constructor(authority: Authority) {
    this.#authority = authority
  }

  /** What a TLS server needs to speak for this host; undefined when the authority is not good for it. */
  credentialsFor(host: string): Promise<Credentials | undefined> {
    if (!isPermittedName(host, this.#authority.permittedNames)) return Promise.resolve(undefined)
    const cached = this.#cached.get(host)
    this.#cached.delete(host)
    if (cached !== undefined && cached.renewAtMs > Date.now()) {
      this.#cached.set(host, cached)
      return cached.credentials
    }
    const credentials = this.#makeCredentials(host)
    credentials.catch(() => this.#cached.delete(host))
    this.#cached.set(host, {credentials, renewAtMs: Date.now() + lifeMs - renewedMs})
    const [oldest] = this.#cached.keys()
    if (this.#cached.size > mostCached && oldest !== undefined) this.#cached.delete(oldest)
    return credentials
  }

  /** How many hosts are remembered. */
  get size(): number {
    return this.#cached.size
  }

  async #makeCredentials(host: string): Promise<Credentials> {
    const [cert, key] = [await this.makeCertificate(host), this.#keyPem]
    return {cert, key, context: createSecureContext({cert, key, minVersion: 'TLSv1.2'})}
  }

  /** A certificate for one host, as PEM; that of `localhost` is for the loopback addresses too, since clients name no host for those. */
  async makeCertificate(host: string): Promise<string> {
    const {extensions, parseCertificate, signCertificate} = await import('./x509.ts')
    const {key, certificate} = this.#authority
    const signer = parseCertificate(derOf(certificate))
    const now = Date.now()
    const to = new Date(Math.min(now - backdatedMs + lifeMs, signer.notAfter.value.getTime()))
    return await signCertificate({
      // RFC 5280 gives a common name 64 characters; the names that count stand below.
      subject: host.length <= 64 ? host : 'a host of this machine',
      validity: {from: new Date(now - backdatedMs), to},
      publicKey: this.#keys.publicKey,
      extensions: [
        extensions.server(),
        extensions.usage('digitalSignature'),
        extensions.serversOnly(),
        extensions.names(host === 'localhost' ? ['localhost', '127.0.0.1', '::1'] : [host]),
        extensions.signedBy(keyIdOf(key)),
      ],
      signer: {key, certificate: signer},
    })
  }
}

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64'))
}
