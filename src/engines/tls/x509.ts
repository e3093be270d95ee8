import {type KeyObject, randomBytes, type webcrypto} from 'node:crypto'
import {isIPv4, isIPv6} from 'node:net'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'

/** Object identifiers of X.509 (RFC 5280). */
const oids = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

/** Kinds of a general name, and their tags. */
const dnsName = 2
const ipAddress = 7

/** Bits of KeyUsage, most significant first, in its only byte. */
const usageBits = {digitalSignature: 0x80, certificateSigning: 0x04, listSigning: 0x02} as const

export const keyAlgorithm = {name: 'ECDSA', namedCurve: 'P-256'} as const

export type Validity = {readonly from: Date; readonly to: Date}

export type CertificatePlan = {
  /** Of whom it is: a common name. */
  readonly subject: string
  readonly validity: Validity
  readonly publicKey: KeyObject
  readonly extensions: readonly pkijs.Extension[]
  readonly signer: {
    readonly key: KeyObject
    /** The authority's own certificate; absent: the certificate is the authority's and signs itself. */
    readonly certificate?: pkijs.Certificate
  }
}

/** Makes a certificate and signs it with ECDSA and SHA-256; gives it as PEM. */
export async function signCertificate({subject, validity, publicKey, extensions, signer}: CertificatePlan): Promise<string> {
  const certificate = new pkijs.Certificate({version: 2, serialNumber: new asn1js.Integer({valueHex: serialNumber()})})
  certificate.subject.typesAndValues.push(commonName(subject))
  if (signer.certificate === undefined) certificate.issuer.typesAndValues.push(commonName(subject))
  else certificate.issuer = signer.certificate.subject
  certificate.notBefore.value = validity.from
  certificate.notAfter.value = validity.to
  await certificate.subjectPublicKeyInfo.importKey(cryptoKey(publicKey, 'verify'))
  certificate.extensions = [...extensions]
  await certificate.sign(cryptoKey(signer.key, 'sign'), 'SHA-256')
  return toPem(Buffer.from(certificate.toSchema(true).toBER(false)))
}

export function parseCertificate(der: Uint8Array<ArrayBuffer>): pkijs.Certificate {
  return pkijs.Certificate.fromBER(der)
}

export const extensions = {
  /** An authority that has no further authority below it. */
  authority: () => extension(oids.basicConstraints, true, new pkijs.BasicConstraints({cA: true, pathLenConstraint: 0}).toSchema()),
  server: () => extension(oids.basicConstraints, true, new pkijs.BasicConstraints({cA: false}).toSchema()),
  usage: (...uses: readonly (keyof typeof usageBits)[]) => {
    const byte = uses.reduce((bits, use) => bits | usageBits[use], 0)
    const unusedBits = Math.clz32(byte & -byte) === 32 ? 7 : 31 - Math.clz32(byte & -byte)
    return extension(oids.keyUsage, true, new asn1js.BitString({valueHex: arrayBuffer([byte]), unusedBits}))
  },
  /** For servers only; in an authority's certificate it binds all below it. */
  serversOnly: () => extension(oids.extKeyUsage, false, new pkijs.ExtKeyUsage({keyPurposes: [oids.serverAuth]}).toSchema()),
  /** Names and addresses of a server. */
  names: (hosts: readonly string[]) =>
    extension(oids.subjectAltName, false, new pkijs.GeneralNames({names: hosts.map(host => generalName(host))}).toSchema()),
  /** Critical: who does not know it must refuse. `names` with all below them, and the loopback addresses. */
  onlyFor: (names: readonly string[]) => {
    const permitted = [
      ...names.map(value => new pkijs.GeneralName({type: dnsName, value})),
      addressRange([127, 0, 0, 0], [255, 0, 0, 0]),
      addressRange([...new Array<number>(15).fill(0), 1], new Array<number>(16).fill(255)),
    ]
    const constraints = new pkijs.NameConstraints({permittedSubtrees: permitted.map(base => new pkijs.GeneralSubtree({base}))})
    return extension(oids.nameConstraints, true, constraints.toSchema())
  },
  keyId: (id: Buffer) => extension(oids.subjectKeyIdentifier, false, new asn1js.OctetString({valueHex: arrayBuffer(id)})),
  signedBy: (id: Buffer) => {
    const keyIdentifier = new asn1js.OctetString({valueHex: arrayBuffer(id)})
    return extension(oids.authorityKeyIdentifier, false, new pkijs.AuthorityKeyIdentifier({keyIdentifier}).toSchema())
  },
} as const

/** The names that an authority's certificate says it is good for; none when it does not say. */
export function permittedNamesOf(certificate: pkijs.Certificate): readonly string[] {
  const found = certificate.extensions?.find(({extnID, critical}) => extnID === oids.nameConstraints && critical)
  const constraints = found?.parsedValue
  if (!(constraints instanceof pkijs.NameConstraints)) return []
  return (constraints.permittedSubtrees ?? []).flatMap(({base}) => (base.type === dnsName ? [String(base.value)] : []))
}

function commonName(value: string): pkijs.AttributeTypeAndValue {
  return new pkijs.AttributeTypeAndValue({type: oids.commonName, value: new asn1js.Utf8String({value})})
}

function generalName(host: string): pkijs.GeneralName {
  if (!isIPv4(host) && !isIPv6(host)) return new pkijs.GeneralName({type: dnsName, value: host})
  return new pkijs.GeneralName({type: ipAddress, value: new asn1js.OctetString({valueHex: arrayBuffer(addressBytes(host))})})
}

function addressRange(address: readonly number[], mask: readonly number[]): pkijs.GeneralName {
  return new pkijs.GeneralName({type: ipAddress, value: new asn1js.OctetString({valueHex: arrayBuffer([...address, ...mask])})})
}

/** Of the addresses that are ever asked for: v4, and ::1. */
function addressBytes(host: string): readonly number[] {
  return isIPv4(host) ? host.split('.').map(Number) : [...new Array<number>(15).fill(0), 1]
}

function extension(extnID: string, critical: boolean, value: asn1js.BaseBlock): pkijs.Extension {
  return new pkijs.Extension({extnID, critical, extnValue: value.toBER(false)})
}

/** Positive, and 127 bits of chance. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return arrayBuffer(bytes)
}

function cryptoKey(key: KeyObject, use: 'sign' | 'verify'): webcrypto.CryptoKey {
  return key.toCryptoKey(keyAlgorithm, true, [use])
}

function arrayBuffer(bytes: ArrayLike<number>): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
