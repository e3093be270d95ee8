import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import type {TrustStore} from '../../src/engines/tls/trust-store.ts'
import {trustCertificates, untrustCertificates} from '../../src/platform/trust-certificates.ts'
import {test} from '../support/temp-folder.ts'

const recordingStore = (calls: string[]): TrustStore => ({
  name: 'system',
  path: '/store',
  trust: async ({commonName}) => {
    calls.push(`trust ${commonName}`)
    return {status: 'done'}
  },
  untrust: async ({commonName}) => {
    calls.push(`untrust ${commonName}`)
    return {status: 'by hand', command: 'sudo rm x', detail: 'this user may not'}
  },
})

test('trust makes the authority and tells its names; untrust takes out what was put in, and the key with it', async ({folder}) => {
  const calls: string[] = []
  const options = {settings: {stateDir: folder, shellEnv: {}}, stores: [recordingStore(calls)]}
  const trusted = await trustCertificates({...options, domains: ['www.example.org']})
  expect(trusted).toMatchObject({
    names: ['localhost', 'test', 'www.example.org'],
    uncovered: [],
    stores: [{store: 'system', path: '/store', status: 'done'}],
    keyFile: join(folder, 'authority/key.pem'),
    keyReaders: expect.stringMatching(/root.*A sandboxed dyno cannot$/),
  })
  expect(trusted.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(await trustCertificates({...options, domains: ['other.example.org']})).toMatchObject({uncovered: ['other.example.org']})
  expect(await untrustCertificates(options)).toEqual({
    authority: trusted.authority,
    removed: true,
    stores: [{store: 'system', path: '/store', status: 'by hand', command: 'sudo rm x', detail: 'this user may not'}],
  })
  expect(existsSync(trusted.keyFile)).toBe(false)
  expect(calls).toEqual(['trust', 'trust', 'untrust'].map(verb => `${verb} ${trusted.authority}`))
  expect(await untrustCertificates(options)).toEqual({authority: null, removed: false, stores: []})
})

test('untrust helps where the authority is damaged', async ({folder}) => {
  const calls: string[] = []
  const options = {settings: {stateDir: folder, shellEnv: {}}, stores: [recordingStore(calls)]}
  const {keyFile} = await trustCertificates({...options, domains: []})
  writeFileSync(keyFile, 'rubbish')
  await expect(trustCertificates({...options, domains: []})).rejects.toMatchObject({code: 'AUTHORITY_UNUSABLE'})
  expect(await untrustCertificates(options)).toMatchObject({removed: true, stores: [{store: 'system'}]})
  await trustCertificates({...options, domains: []})
})
