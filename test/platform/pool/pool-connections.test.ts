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
