import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {homeport} from '../support/homeport.ts'
import {test} from '../support/temp-folder.ts'

/** An address where nobody answers, so that no test ever reaches AWS. */
const nowhere = {
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'y',
  AWS_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_MAX_ATTEMPTS: '1',
}

describe('what is typed wrong: exit 2, before anybody is asked', () => {
  test.for<[args: readonly string[], text: string]>([
    [['deploy'], '--target ec2'],
    [['deploy', '--target', 'lambda'], 'There is no target “lambda”.'],
    [['deploy', '--target', 'ec2', '--formation', 'web+1'], 'Write web=N.'],
    [['deploy', '--target', 'ec2', '--formation', 'web=1:standard-2x'], 'standard-1x'],
    [['ps:scale', 'web=1:standard-2x', '--target', 'ec2', '-a', 'shop'], 'standard-1x'],
    [['run', '--target', 'moon', '-a', 'shop', '--', 'date'], 'There is no target “moon”.'],
    [['run', '--target', 'ec2', '--', 'date'], '-a APP'],
    [['run', '--target', 'ec2', '-a', 'shop'], 'needs a command'],
    [['run', '--target', 'ec2', '-a', 'shop', '--detach', '--', 'date'], '--detach does not go with --target ec2'],
    [['config', '-a', 'shop'], 'edit .env'],
    [['config:set', 'A=1', '-a', 'shop'], 'edit .env'],
    [['config:unset', 'A', '-a', 'shop'], 'edit .env'],
    [['releases', '-a', 'shop'], 'edit .env'],
    [['rollback', '-a', 'shop'], '--target ec2'],
    [['domains', '-a', 'shop'], '--target ec2'],
    [['domains:add', 'a.example', '-a', 'shop'], '--target ec2'],
    [['releases', '--target', 'ec2'], '-a APP'],
    [['config:set', 'nonsense', '--target', 'ec2', '-a', 'shop'], 'NAME=value'],
    [['ps', '--pool', 'demo'], '--target ec2'],
    [['logs', '--target', 'moon'], 'There is no target “moon”.'],
    [['pool:create', 'Bad'], 'no name for a pool'],
    [['pool:create', 'demo', '--type', 'z9.huge'], 'price table'],
    [['pool:create', 'demo', '--stack-archive', 'none.tar'], 'none.tar is no file'],
    [['pool:destroy', 'demo'], '--confirm demo'],
    [['pool:destroy', 'demo', '--confirm', 'other'], '--confirm demo'],
    [['pool:policy', 'demo', '--role', 'king'], 'role'],
  ])('%j', async ([args, text], {folder}) => {
    const {code, stdout, stderr} = await homeport(args, {cwd: folder, env: {...nowhere, HOMEPORT_HOME: join(folder, 'home')}})
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(text)])
  })
})

describe('what the target is asked for', () => {
  test.for<[args: readonly string[], env: Readonly<Record<string, string | undefined>>, text: string]>([
    [['pool'], {...nowhere, AWS_REGION: undefined}, 'No AWS region is set.'],
    [['pool'], nowhere, 'AWS cannot be reached to find out who you are'],
    [['releases', '--target', 'ec2', '-a', 'shop'], nowhere, 'AWS cannot be reached'],
    [['ps', '--target', 'ec2', '-a', 'shop'], nowhere, 'AWS cannot be reached'],
    [['run', '--target', 'ec2', '-a', 'shop', '--', 'date', '--json'], nowhere, 'AWS cannot be reached'],
    [['deploy', '--target', 'ec2'], nowhere, 'AWS cannot be reached'],
  ])('%j fails with exit 7 and one clear error', async ([args, env, text], {folder}) => {
    const home = join(folder, 'home')
    mkdirSync(home, {mode: 0o700})
    writeFileSync(join(folder, 'Procfile'), 'web: x\n')
    const {code, stdout, stderr} = await homeport(args, {
      cwd: folder,
      env: {...env, HOMEPORT_HOME: home, AWS_EC2_METADATA_DISABLED: 'true'},
    })
    expect([code, stdout, stderr]).toEqual([7, '', expect.stringContaining(text)])
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  test('no credentials', async ({folder}) => {
    const home = join(folder, 'home')
    mkdirSync(home, {mode: 0o700})
    const env = {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: folder,
      HOMEPORT_HOME: home,
    }
    const {code, stdout} = await homeport(['pool', '--json'], {cwd: folder, env})
    expect([code, JSON.parse(stdout).error]).toEqual([
      7,
      expect.objectContaining({code: 'CREDENTIALS_MISSING', class: 'TARGET', exitCode: 7}),
    ])
  })
})

test('pool:create shows plan and cost, and asks nobody who is not there', async ({folder}) => {
  const home = join(folder, 'home')
  mkdirSync(home, {mode: 0o700})
  const {code, stderr} = await homeport(['pool:create', 'demo'], {
    cwd: folder,
    env: {...nowhere, HOMEPORT_HOME: home, HOMEPORT_POOL_PROGRAM: '/bin/true'},
  })
  expect([code, stderr]).toEqual([2, expect.stringMatching(/1\. bucket[\s\S]*About \$60\.82 a month[\s\S]*Add --yes\./)])
})

test('hosts run the single binary: a checkout without one says how to make it (exit 5)', async ({folder}) => {
  const {code, stderr} = await homeport(['pool:create', 'demo', '--yes'], {
    cwd: folder,
    env: {...nowhere, HOMEPORT_POOL_PROGRAM: undefined},
  })
  expect([code, stderr]).toEqual([5, expect.stringContaining('npm run build')])
})
