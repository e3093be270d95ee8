import {createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate} from 'node:crypto'
import {mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {hostname, userInfo} from 'node:os'
import {join} from 'node:path'
import {privateFolder} from '../../lib/private-folder.ts'
import {planPermittedNames} from '../../model/certificate-names.ts'
import {HomeportError} from '../../model/error.ts'
import type {TrustedCertificate} from './trust-store.ts'

/** The local certificate authority: what signs the certificates of `--tls`, good for names of this machine only. */
export type Authority = {
  /** Its certificate, as PEM, and where that lies. */
  readonly certificate: string
  readonly certificateFile: string
  readonly keyFile: string
  readonly key: KeyObject
  /** The names that it is good for, each with all names below it. */
  readonly permittedNames: readonly string[]
  readonly commonName: string
  /** SHA-256 of the certificate, as stores name it. */
  readonly fingerprint: string
  /** It was made just now: nobody trusts it yet. */
  readonly isNew: boolean
}

export type AuthorityPlace = {readonly stateDir: string}

const lifeMs = 10 * 365 * 24 * 3_600_000
/** Clocks of clients may be a little behind. */
const backdatedMs = 3_600_000

/**
 * Opens the authority of this user, and makes it on first use: a key (0600) and a certificate in a private folder below `stateDir`,
 * which sandboxed dynos do not see. It is good for `localhost`, `.test`, loopback addresses and `domains` for ever after, whatever
 * is asked of it later. Throws AUTHORITY_UNUSABLE when it is damaged, has expired or its key is open to others.
 */
export async function openAuthority({stateDir}: AuthorityPlace, domains: readonly string[]): Promise<Authority> {
  const known = await findAuthority({stateDir})
  if (known !== undefined) return known
  const parent = privateFolder(stateDir)
  const draft = mkdtempSync(join(parent, 'authority-'))
  try {
    await makeAuthority(draft, planPermittedNames(domains))
    renameSync(draft, folderOf({stateDir}))
  } catch (error) {
    rmSync(draft, {recursive: true, force: true})
    // Another Homeport was faster: its authority is the one.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return await readAuthority({stateDir})
  }
  return {...(await readAuthority({stateDir})), isNew: true}
}

/** The authority of this user, if there is one. */
export async function findAuthority(place: AuthorityPlace): Promise<Authority | undefined> {
  return statSync(folderOf(place), {throwIfNoEntry: false}) === undefined ? undefined : await readAuthority(place)
}

/** What stores know of the authority, also of one that cannot be used any more; undefined when there is none, or nothing to read. */
export function findTrustedCertificate(place: AuthorityPlace): TrustedCertificate | undefined {
  const file = join(folderOf(place), 'certificate.pem')
  try {
    const pem = readFileSync(file, 'latin1')
    const certificate = new X509Certificate(pem)
    return {commonName: commonNameOf(certificate), id: keyIdOf(certificate.publicKey).toString('hex', 0, 4), pem, file}
  } catch {
    return undefined
  }
}

/** Takes key and certificate away; the next `--tls` makes a new authority. False when there was none. */
export function removeAuthority(place: AuthorityPlace): boolean {
  const isThere = statSync(folderOf(place), {throwIfNoEntry: false}) !== undefined
  rmSync(folderOf(place), {recursive: true, force: true})
  return isThere
}

function folderOf({stateDir}: AuthorityPlace): string {
  return join(stateDir, 'authority')
}

async function makeAuthority(folder: string, permittedNames: readonly string[]): Promise<void> {
  const {extensions, signCertificate} = await import('./x509.ts')
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const id = keyIdOf(publicKey)
  const certificate = await signCertificate({
    // Its key's id tells it from an older one in a list of authorities.
    subject: `Homeport local authority ${id.toString('hex', 0, 4)} (${whoAndWhere()})`,
    validity: {from: new Date(Date.now() - backdatedMs), to: new Date(Date.now() + lifeMs)},
    publicKey,
    extensions: [
      extensions.authority(),
      extensions.usage('certificateSigning', 'listSigning'),
      extensions.serversOnly(),
      extensions.onlyFor(permittedNames),
      extensions.keyId(id),
    ],
    signer: {key: privateKey},
  })
  writeFileSync(join(folder, 'key.pem'), privateKey.export({type: 'pkcs8', format: 'pem'}), {mode: 0o600, flag: 'wx'})
  writeFileSync(join(folder, 'certificate.pem'), certificate, {mode: 0o600, flag: 'wx'})
}

async function readAuthority(place: AuthorityPlace): Promise<Authority> {
  const folder = privateFolder(folderOf(place))
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const {certificate, key, parsed} = readParts({keyFile, certificateFile})
  if ((statSync(keyFile).mode & 0o077) !== 0) throw unusable(`its key ${keyFile} was open to other users`)
  if (new Date(parsed.validTo).getTime() < Date.now()) throw unusable('it has expired')
  const {parseCertificate, permittedNamesOf} = await import('./x509.ts')
  return {
    certificate,
    certificateFile,
    keyFile,
    key,
    permittedNames: permittedNamesOf(parseCertificate(new Uint8Array(parsed.raw))),
    commonName: commonNameOf(parsed),
    fingerprint: parsed.fingerprint256.replaceAll(':', '').toLowerCase(),
    isNew: false,
  }
}

function commonNameOf({subject}: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? 'Homeport local authority'
}

function readParts({keyFile, certificateFile}: {readonly keyFile: string; readonly certificateFile: string}) {
  try {
    const certificate = readFileSync(certificateFile, 'latin1')
    const key = createPrivateKey(readFileSync(keyFile, 'latin1'))
    const parsed = new X509Certificate(certificate)
    if (!parsed.checkPrivateKey(key)) throw new Error('key and certificate do not belong together')
    return {certificate, key, parsed}
  } catch (cause) {
    throw unusable('it is damaged', cause)
  }
}

function unusable(reason: string, cause?: unknown): HomeportError {
  return new HomeportError('AUTHORITY_UNUSABLE', `The local certificate authority cannot be used: ${reason}.`, {
    hint: 'Take it away with `homeport certs:untrust`; the next `--tls` makes a new one.',
    cause,
  })
}

/** As it stands in the certificates that this authority signs (RFC 5280, 4.2.1.2). */
export function keyIdOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return createHash('sha256')
    .update(publicKey.export({type: 'spki', format: 'der'}))
    .digest()
    .subarray(0, 20)
}

function whoAndWhere(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    return hostname() // a uid without an entry, as in many containers
  }
}
