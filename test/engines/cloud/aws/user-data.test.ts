import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {renderUserData} from '../../../../src/engines/cloud/aws/user-data.ts'

const options = {
  pool: 'demo',
  region: 'eu-west-1',
  bucket: 'homeport-demo-1-eu-west-1',
  role: 'homeport-demo-host',
  program: 'ab'.repeat(32),
  hasLocalSsh: true,
}

test('is a script that bash can read, and fits into 16 KB', () => {
  for (const hasLocalSsh of [true, false]) {
    const text = renderUserData({...options, hasLocalSsh})
    execFileSync('bash', ['-n'], {input: text})
    expect(text.length).toBeLessThan(16 * 1024)
  }
})

test('closes the metadata service before the engine runs, and checks the program by its hash before it is started', () => {
  const text = renderUserData(options)
  const order = ['homeport-metadata.service', 'systemctl enable -q --now docker', "echo 'abab", 'exec /opt/homeport/homeport'].map(part =>
    text.indexOf(part),
  )
  expect(order).toEqual([...order].sort((one, other) => one - other))
  expect(order.every(at => at > 0)).toBe(true)
})

test('holds no secret, opens no port to sshd but on the loopback, and asks AWS itself unless told otherwise', () => {
  const text = renderUserData(options)
  expect(text).toContain('ListenAddress 127.0.0.1')
  expect(text).toContain('https://homeport-demo-1-eu-west-1.s3.eu-west-1.amazonaws.com/programs/')
  expect(text).not.toContain('AWS_ENDPOINT_URL')
  expect(renderUserData({...options, endpoint: 'http://10.0.0.1:5000', hasLocalSsh: false})).toContain(
    "AWS_ENDPOINT_URL='http://10.0.0.1:5000'",
  )
})
