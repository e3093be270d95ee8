import {execFile} from 'node:child_process'
import {X509Certificate} from 'node:crypto'
import {chmodSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {expect} from 'vitest'
import {findAuthority, openAuthority, removeAuthority} from '../../../src/engines/tls/authority.ts'
import {Certificates} from '../../../src/engines/tls/certificates.ts'
import {test} from '../../support/temp-folder.ts'

const run = promisify(execFile)

test('is made on first use, in a private folder, and is the same one ever after', async ({folder}) => {
  const stateDir = join(folder, 'state')
  expect(await findAuthority({stateDir})).toBeUndefined()
  const first = await openAuthority({stateDir}, ['www.example.org'])
  expect(first).toMatchObject({isNew: true, permittedNames: ['localhost', 'test', 'www.example.org']})
  expect(first.commonName).toMatch(/^Homeport local authority [0-9a-f]{8} /)
  const second = await openAuthority({stateDir}, ['other.example.org'])
  expect(second).toMatchObject({isNew: false, fingerprint: first.fingerprint, permittedNames: first.permittedNames})
  expect(statSync(first.keyFile).mode & 0o777).toBe(0o600)
  expect(statSync(join(first.keyFile, '..')).mode & 0o777).toBe(0o700)
  expect(statSync(stateDir).mode & 0o777).toBe(0o700)
  removeAuthority({stateDir})
  expect(readdirSync(stateDir)).toEqual([])
})

test('of several that are made at once one wins, and nothing else is left', async ({folder}) => {
  const all = await Promise.all(Array.from({length: 4}, () => openAuthority({stateDir: folder}, [])))
  expect(new Set(all.map(({fingerprint}) => fingerprint)).size).toBe(1)
  expect(all.filter(({isNew}) => isNew)).toHaveLength(1)
  expect(readdirSync(folder)).toEqual(['authority'])
})

test.for([
  ['key.pem', 'rubbish', /damaged/],
  ['certificate.pem', '', /damaged/],
  ['key.pem', undefined, /open to other users/],
] as const)('is not used with a %s that is wrong (%s)', async ([file, content, message], {folder}) => {
  await openAuthority({stateDir: folder}, [])
  const path = join(folder, 'authority', file)
  if (content === undefined) chmodSync(path, 0o640)
  else writeFileSync(path, content)
  await expect(openAuthority({stateDir: folder}, [])).rejects.toMatchObject({
    code: 'AUTHORITY_UNUSABLE',
    message: expect.stringMatching(message),
    hint: expect.stringContaining('homeport certs:untrust'),
  })
})

test.for([
  ['localhost', true],
  ['web.app.localhost', true],
  ['www.example.test', true],
  ['www.example.org', true],
  ['example.com', false],
  ['test.example.com', false],
  ['8.8.8.8', false],
] as const)('openssl takes a certificate for %s from it: %s', async ([host, isTaken], {folder}) => {
  const authority = await openAuthority({stateDir: folder}, ['www.example.org'])
  const leaf = join(folder, 'leaf.pem')
  writeFileSync(leaf, await new Certificates(authority).makeCertificate(host))
  const verified = run('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', authority.certificateFile, leaf])
  if (isTaken) await expect(verified).resolves.toMatchObject({stdout: `${leaf}: OK\n`})
  else await expect(verified).rejects.toMatchObject({stderr: expect.stringContaining('permitted subtree violation')})
})

test('the names are critical: who does not know them must refuse; and nothing is an authority below it', async ({folder}) => {
  const authority = await openAuthority({stateDir: folder}, [])
  const {stdout} = await run('openssl', ['x509', '-in', authority.certificateFile, '-noout', '-text'])
  expect(stdout).toMatch(/X509v3 Name Constraints: critical/)
  expect(stdout).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
})

test('a certificate lives 30 days and is for its host alone', async ({folder}) => {
  const certificates = new Certificates(await openAuthority({stateDir: folder}, []))
  const leaf = new X509Certificate(await certificates.makeCertificate('app.localhost'))
  expect(new Date(leaf.validTo).getTime() - new Date(leaf.validFrom).getTime()).toBe(30 * 24 * 3_600_000)
  expect(leaf.subjectAltName).toBe('DNS:app.localhost')
  expect(leaf.ca).toBe(false)
  const own = new X509Certificate(await certificates.makeCertificate('localhost'))
  expect(own.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
})

test('a host is signed for once; of 100 that are remembered the one that was asked for longest ago goes', async ({folder}) => {
  const certificates = new Certificates(await openAuthority({stateDir: folder}, []))
  const first = await certificates.credentialsFor('0.localhost')
  const second = await certificates.credentialsFor('1.localhost')
  await Promise.all(Array.from({length: 98}, (_, index) => certificates.credentialsFor(`${index + 2}.localhost`)))
  expect(await certificates.credentialsFor('0.localhost')).toBe(first)
  await certificates.credentialsFor('one-more.localhost')
  expect(certificates.size).toBe(100)
  expect(await certificates.credentialsFor('0.localhost')).toBe(first)
  expect(await certificates.credentialsFor('1.localhost')).not.toBe(second)
})

test('no certificate is made for a host that the authority is not good for', async ({folder}) => {
  const certificates = new Certificates(await openAuthority({stateDir: folder}, []))
  expect(await certificates.credentialsFor('example.com')).toBeUndefined()
  expect(certificates.size).toBe(0)
})
