import {execFile} from 'node:child_process'
import {chmodSync, chownSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {expect} from 'vitest'
import {program} from '../support/homeport.ts'
import {test} from '../support/temp-folder.ts'

const run = promisify(execFile)
const nobody = 65_534

/** As a user who may not touch the store of the system: a test changes nothing of this machine. */
async function certs(folder: string, ...args: readonly string[]): Promise<string> {
  const home = join(folder, 'home')
  const isRoot = process.geteuid?.() === 0
  mkdirSync(home, {recursive: true})
  if (isRoot) {
    chmodSync(folder, 0o755)
    chownSync(home, nobody, nobody)
  }
  const env = {PATH: process.env['PATH'], HOME: home, HOMEPORT_HOME: join(home, 'homeport')}
  const {stdout} = await run(program, args, {env, ...(isRoot ? {uid: nobody, gid: nobody} : {})})
  return stdout
}

test('certs:trust makes the authority, certs:untrust takes it away', async ({folder}) => {
  const text = await certs(folder, 'certs:trust', '--domain', 'www.example.org')
  expect(text).toMatch(/^Homeport local authority [0-9a-f]{8} .* speaks for localhost, test, www\.example\.org, loopback addresses /)
  expect(text).toMatch(/Its key .*\/homeport\/state\/authority\/key\.pem can be read by .* and root, .* A sandboxed dyno cannot\./)
  const report = JSON.parse(await certs(folder, 'certs:trust', '--json', '--domain', 'other.example.org'))
  expect(report).toMatchObject({names: ['localhost', 'test', 'www.example.org'], uncovered: ['other.example.org']})
  const system = report.stores.find(({store}: {store: string}) => store === 'system')
  if (system !== undefined) expect(system).toMatchObject({status: 'by hand', command: expect.stringMatching(/^sudo /)})
  expect(await certs(folder, 'certs:untrust')).toContain('is gone, its key too.')
  expect(await certs(folder, 'certs', 'untrust')).toBe('There is no local certificate authority.\n')
})
