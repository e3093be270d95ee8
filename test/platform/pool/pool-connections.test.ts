import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import type {Aws} from '../../../src/engines/cloud/aws/aws.ts'
import {connectHosts} from '../../../src/platform/pool/pool-connections.ts'
import {test} from '../../support/temp-folder.ts'

const instance = {id: 'i-1', privateAddress: '10.0.0.1', publicAddress: undefined, zone: 'a'}
const options = {aws: {} as Aws, self: ['homeport']}

test('without the session-manager-plugin: exit 5 with how to install it', async ({folder}) => {
  const connecting = connectHosts([instance], {...options, sshConfig: undefined, folder, env: {PATH: '/usr/bin:/bin'}})
  await expect(connecting).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    exitCode: 5,
    message: expect.stringContaining('session-manager-plugin'),
    hint: expect.stringContaining('https://'),
  })
})

test('with an ssh configuration hosts are known by name and private address', async ({folder}) => {
  await using connections = await connectHosts([instance], {...options, sshConfig: '/x', folder, env: {PATH: '/usr/bin:/bin'}})
  expect(connections.managers).toMatchObject([{name: 'i-1', address: '10.0.0.1'}])
})

test('no host is asked before it is talked to; the way to it carries its own key and the region of this run', async ({folder}) => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const [name, text] of [
    ['session-manager-plugin', 'exit 0'],
    ['ssh', `printf '%s\\n' "$AWS_REGION" "$@" >'${folder}/asked'; exit 1`],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, {mode: 0o755})
  }
  const env = {PATH: `${bin}:/usr/bin:/bin`}
  const aws = {region: 'eu-west-1'} as Aws
  await using connections = await connectHosts([instance], {...options, aws, sshConfig: undefined, folder, env})
  expect(existsSync(join(folder, 'asked'))).toBe(false)
  const stream = connections.managers[0]?.dial()
  await new Promise(resolve => stream?.on('error', resolve))
  const [region, ...words] = readFileSync(join(folder, 'asked'), 'utf8').split('\n')
  expect(region).toBe('eu-west-1')
  expect(words.find(word => word.startsWith('-oProxyCommand='))).toMatch(/^-oProxyCommand='homeport' '__ssm-proxy' %h '.*\/k\.pub'$/)
  expect(words).toContain('homeport@i-1')
})
