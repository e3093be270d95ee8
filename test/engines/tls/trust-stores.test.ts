import {execFileSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {findTrustedCertificate, openAuthority} from '../../../src/engines/tls/authority.ts'
import {findNssStores} from '../../../src/engines/tls/nss-stores.ts'
import {findSystemStore} from '../../../src/engines/tls/system-store.ts'
import type {TrustedCertificate} from '../../../src/engines/tls/trust-store.ts'
import {asNobody} from '../../support/as-nobody.ts'
import {test as base} from '../../support/temp-folder.ts'

const searchPath = process.env['PATH'] ?? ''

const test = base.extend('certificate', async ({folder}): Promise<TrustedCertificate> => {
  await openAuthority({stateDir: join(folder, 'state')}, [])
  return findTrustedCertificate({stateDir: join(folder, 'state')}) as TrustedCertificate
})

/** A system whose program for anchors writes down that it ran. */
function makeSystem(
  folder: string,
  anchors: string,
  program: string,
  code = 0,
): {readonly root: string; readonly searchPath: string; ran(): string} {
  mkdirSync(join(folder, 'root', anchors), {recursive: true})
  mkdirSync(join(folder, 'bin'), {recursive: true})
  const file = join(folder, 'bin', program)
  writeFileSync(file, `#!/bin/sh\necho "${program} $*" >>${folder}/ran\necho broken >&2\nexit ${code}\n`)
  chmodSync(file, 0o755)
  return {
    root: join(folder, 'root'),
    searchPath: join(folder, 'bin'),
    ran: () => (existsSync(`${folder}/ran`) ? readFileSync(`${folder}/ran`, 'utf8') : ''),
  }
}

describe('the store of the system', () => {
  test.for([
    ['usr/local/share/ca-certificates', 'update-ca-certificates', 'update-ca-certificates --fresh\n'],
    ['etc/pki/ca-trust/source/anchors', 'update-ca-trust', 'update-ca-trust extract\n'],
    ['etc/ca-certificates/trust-source/anchors', 'trust', 'trust extract-compat\n'],
  ] as const)('%s: a file of its own, taken in by %s; and out again', async ([anchors, program, refreshed], {folder, certificate}) => {
    const system = makeSystem(folder, anchors, program)
    const store = findSystemStore({platform: 'linux', ...system})
    const file = join(system.root, anchors, `homeport-${certificate.id}.crt`)
    expect(await store?.trust(certificate)).toEqual({status: 'done'})
    expect(readFileSync(file, 'latin1')).toBe(certificate.pem)
    expect(await store?.trust(certificate)).toEqual({status: 'unchanged'})
    expect(system.ran().split('\n')).toHaveLength(2)
    expect(await store?.untrust(certificate)).toEqual({status: 'done'})
    expect(existsSync(file)).toBe(false)
    expect(system.ran().endsWith(refreshed)).toBe(true)
    expect(await store?.untrust(certificate)).toEqual({status: 'unchanged'})
  })

  test('who may not write there gets the command', async ({folder, certificate}) => {
    const system = makeSystem(folder, 'usr/local/share/ca-certificates', 'update-ca-certificates')
    chmodSync(folder, 0o755)
    chmodSync(join(system.root, 'usr/local/share/ca-certificates'), 0o555)
    const store = findSystemStore({platform: 'linux', ...system})
    const target = join(system.root, 'usr/local/share/ca-certificates', `homeport-${certificate.id}.crt`)
    expect(await asNobody(() => store?.trust(certificate))).toEqual({
      status: 'by hand',
      command: `sudo cp ${certificate.file} ${target} && sudo update-ca-certificates`,
      detail: 'this user may not',
    })
    expect(system.ran()).toBe('')
  })

  test('a program that fails is told of, with what it said', async ({folder, certificate}) => {
    const system = makeSystem(folder, 'usr/local/share/ca-certificates', 'update-ca-certificates', 1)
    const store = findSystemStore({platform: 'linux', ...system})
    expect(await store?.trust(certificate)).toMatchObject({status: 'by hand', detail: 'broken'})
  })

  test('there is none on a system that nobody knows; on macOS the command is told', async ({folder, certificate}) => {
    expect(findSystemStore({platform: 'linux', root: folder})).toBeUndefined()
    expect(await findSystemStore({platform: 'darwin'})?.trust(certificate)).toMatchObject({
      status: 'by hand',
      command: expect.stringMatching(/^sudo security add-trusted-cert -d -r trustRoot -k \/Library\/Keychains\/System.keychain \//),
    })
  })
})

describe('the stores of browsers', () => {
  const names = (database: string) => execFileSync('certutil', ['-L', '-d', `sql:${database}`], {encoding: 'utf8'})

  test('one for Chromium, made when it is missing, and one for each profile of Firefox', async ({folder, certificate}) => {
    const profile = join(folder, '.mozilla/firefox/abc.default')
    mkdirSync(profile, {recursive: true})
    mkdirSync(join(folder, '.mozilla/firefox/empty'))
    execFileSync('certutil', ['-N', '-d', `sql:${profile}`, '--empty-password'])
    const stores = findNssStores({home: folder, searchPath})
    const chromium = join(folder, '.pki/nssdb')
    expect(stores.map(({name, path}) => [name, path])).toEqual([
      ['chromium', chromium],
      ['firefox', profile],
    ])
    for (const store of stores) {
      expect(await store.trust(certificate)).toEqual({status: 'done'})
      expect(names(store.path)).toMatch(new RegExp(`Homeport local authority ${certificate.id} .* C,, `))
      expect(await store.trust(certificate)).toEqual({status: 'unchanged'})
      expect(await store.untrust(certificate)).toEqual({status: 'done'})
      expect(names(store.path)).not.toContain('Homeport')
      expect(await store.untrust(certificate)).toEqual({status: 'unchanged'})
    }
  })

  test('without certutil the command is told, and the package that has it', async ({folder, certificate}) => {
    mkdirSync(join(folder, '.pki/nssdb'), {recursive: true})
    writeFileSync(join(folder, '.pki/nssdb/cert9.db'), '')
    const [store] = findNssStores({home: folder, searchPath: '/nowhere'})
    expect(await store?.trust(certificate)).toEqual({
      status: 'by hand',
      command: `certutil -A -d sql:${folder}/.pki/nssdb -t C,, -n '${certificate.commonName}' -i ${certificate.file}`,
      detail: 'certutil is missing (Debian: apt-get install libnss3-tools)',
    })
  })

  test('nothing is made for who has no browser', async ({folder}) => {
    expect(findNssStores({home: folder, searchPath: '/nowhere'})).toEqual([])
  })
})
