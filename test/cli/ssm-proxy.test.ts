import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import {homeport} from '../support/homeport.ts'
import {test as base} from '../support/temp-folder.ts'

type Call = {readonly name: string; readonly body: string}
type Responder = {readonly endpoint: string; readonly calls: Call[]; answer: (call: Call, response: ServerResponse) => void}

const identity =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/ann</Arn><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>'

/** AWS by hand, for calls that moto does not know: who is asked what, in order. */
const test = base.extend<{aws: Responder}>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads it.
  aws: async ({}, use) => {
    const calls: Call[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const call = {name: String(request.headers['x-amz-target'] ?? 'GetCallerIdentity').replace(/^.*\./, ''), body}
      calls.push(call)
      if (call.name === 'GetCallerIdentity') response.setHeader('content-type', 'text/xml').end(identity)
      else responder.answer(call, response)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const responder: Responder = {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      calls,
      answer: (_, response) => response.setHeader('content-type', 'application/x-amz-json-1.1').end('{"Success":true,"SessionId":"s1"}'),
    }
    await use(responder)
    server.closeAllConnections()
    server.close()
  },
})

const run = (folder: string, {endpoint}: Responder) => {
  writeFileSync(join(folder, 'k.pub'), 'ssh-ed25519 AAAA\n')
  writeFileSync(join(folder, 'session-manager-plugin'), `#!/bin/sh\nprintf '%s' "$1" >'${folder}/session'\nexit 9\n`)
  chmodSync(join(folder, 'session-manager-plugin'), 0o755)
  return homeport(['__ssm-proxy', 'i-1', join(folder, 'k.pub')], {
    cwd: folder,
    env: {
      PATH: `${folder}:${process.env['PATH']}`,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'y',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: endpoint,
      AWS_MAX_ATTEMPTS: '1',
      HOMEPORT_HOME: join(folder, 'home'),
    },
  })
}

test('each connection lets its key in first, then is a session to port 22 of the host itself', async ({folder, aws}) => {
  expect((await run(folder, aws)).code).toBe(9)
  expect(aws.calls.map(({name}) => name)).toEqual(['GetCallerIdentity', 'SendSSHPublicKey', 'StartSession'])
  expect(JSON.parse(aws.calls[1]?.body ?? '')).toEqual({InstanceId: 'i-1', InstanceOSUser: 'homeport', SSHPublicKey: 'ssh-ed25519 AAAA\n'})
  expect(JSON.parse(aws.calls[2]?.body ?? '')).toMatchObject({Target: 'i-1', DocumentName: 'AWS-StartSSHSession'})
  expect(JSON.parse(readFileSync(join(folder, 'session'), 'utf8'))).toMatchObject({SessionId: 's1'})
})

test('without the right to it: which right is missing, and for what', async ({folder, aws}) => {
  aws.answer = (_, response) =>
    response
      .writeHead(400, {'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': 'AccessDeniedException'})
      .end('{"message":"User: x is not authorized to perform: ec2-instance-connect:SendSSHPublicKey on resource: y"}')
  const {code, stderr} = await run(folder, aws)
  expect([code, stderr]).toEqual([
    7,
    expect.stringContaining('may not log in to i-1: the right ec2-instance-connect:SendSSHPublicKey is missing'),
  ])
})
