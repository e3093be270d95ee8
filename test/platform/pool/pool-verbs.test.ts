import {writeFile} from 'node:fs/promises'
import {beforeEach, describe, expect, test} from 'vitest'
import {changeDomains, listDomains} from '../../../src/platform/pool/change-domains.ts'
import {changePoolConfig, parseConfigWords, readPoolConfig} from '../../../src/platform/pool/change-pool-config.ts'
import {type DeployableSlug, deploy, previewDeploy} from '../../../src/platform/pool/deploy.ts'
import {findPoolApp} from '../../../src/platform/pool/find-pool-app.ts'
import {rollback} from '../../../src/platform/pool/rollback.ts'
import {runOnPool} from '../../../src/platform/pool/run-on-pool.ts'
import {scalePoolApp} from '../../../src/platform/pool/scale-pool-app.ts'
import {contextOf, type TestPool, testPool} from '../../support/pool-context.ts'

let pool: TestPool

function slugOf(digit: string, more: Partial<DeployableSlug> = {}): DeployableSlug {
  return {
    id: `sha256:${digit.repeat(64)}`,
    stack: 'heroku-24',
    os: 'linux',
    arch: 'x64',
    libc: 'glibc',
    tarBytes: 10,
    processTypes: new Map([
      ['web', 'node web.js'],
      ['worker', 'node worker.js'],
    ]),
    writeTar: file => writeFile(file, digit),
    ...more,
  }
}

const shop = (digit: string, more: object = {}) => deploy({app: 'shop', slug: slugOf(digit), ...more}, contextOf(pool))
const descriptions = async () => (await findPoolApp(contextOf(pool), 'shop')).records.map(({release}) => release.description)

beforeEach(() => {
  pool = testPool()
})

test('deploy tells release, slug, bytes, hosts', async () => {
  expect(await shop('a')).toMatchObject({
    release: 1,
    slug: `sha256:${'a'.repeat(64)}`,
    hosts: 3,
    status: 'succeeded',
    uploadedBytes: expect.any(Number),
  })
  expect(await shop('b', {slug: slugOf('b', {commit: '0123456789abcdef'})})).toMatchObject({release: 2})
  expect(await descriptions()).toEqual(['Deploy aaaaaaaa', 'Deploy 01234567'])
})

test('a slug that does not fit is refused before anything is written', async () => {
  await expect(shop('a', {slug: slugOf('a', {arch: 'arm64'})})).rejects.toMatchObject({code: 'SLUG_UNFIT', exitCode: 7})
  expect(pool.bucket.objects.size).toBe(0)
})

test('--plan reads and changes nothing, and says what finds no room', async () => {
  const slug = slugOf('a')
  const preview = await previewDeploy({app: 'shop', slug, formation: new Map([['web', 20]])}, contextOf(pool))
  expect(preview.release).toBe(1)
  expect(preview.steps).toHaveLength(9)
  expect(preview.pending).toEqual(['8 x web: no host has 512 MB free for a standard-1x dyno'])
  expect(pool.bucket.objects.size).toBe(0)
  expect(pool.engine.running.size).toBe(0)
})

test('--plan shows names of config vars, never values', async () => {
  await shop('a')
  await changePoolConfig({app: 'shop', changes: new Map([['API_KEY', 'geheim']])}, contextOf(pool))
  const preview = await previewDeploy({app: 'shop', slug: slugOf('b')}, contextOf(pool))
  expect(preview.configVars).toEqual(['API_KEY'])
  expect(JSON.stringify(preview)).not.toContain('geheim')
})

test.for(['nope', 'release'])('a quantity of %s, which the slug has no dynos of: exit 2, before anything is written', async type => {
  const options = {app: 'shop', slug: slugOf('a'), formation: new Map([[type, 1]])}
  for (const verb of [deploy, previewDeploy])
    await expect(verb(options, contextOf(pool))).rejects.toMatchObject({code: 'UNKNOWN_TYPE', exitCode: 2})
  expect(pool.bucket.objects.size).toBe(0)
})

test('rollback is a new release with the old slug and the old config vars', async () => {
  await shop('a')
  await changePoolConfig({app: 'shop', changes: new Map([['A', '1']])}, contextOf(pool))
  await shop('b')
  expect(await rollback({app: 'shop', version: 'v1'}, contextOf(pool))).toMatchObject({
    to: 1,
    release: {version: 4, slug: `sha256:${'a'.repeat(64)}`},
  })
  expect((await readPoolConfig('shop', contextOf(pool))).size).toBe(0)
  expect((await descriptions()).at(-1)).toBe('Rollback to v1')
  expect(await rollback({app: 'shop'}, contextOf(pool))).toMatchObject({to: 3})
})

describe('config vars', () => {
  test('one release for all of a change, none when nothing changes', async () => {
    await shop('a')
    await changePoolConfig(
      {
        app: 'shop',
        changes: new Map([
          ['A', '1'],
          ['B', '2'],
        ]),
      },
      contextOf(pool),
    )
    expect(await changePoolConfig({app: 'shop', changes: new Map([['A', '1']])}, contextOf(pool))).toBeUndefined()
    await changePoolConfig({app: 'shop', changes: new Map([['B', null]])}, contextOf(pool))
    expect(await descriptions()).toEqual(['Deploy aaaaaaaa', 'Set A, B config vars', 'Remove B config vars'])
    expect([...(await readPoolConfig('shop', contextOf(pool)))]).toEqual([['A', '1']])
  })

  test('are words NAME=value; what is none is told without a value', () => {
    expect([...parseConfigWords(['A=1', 'B=x=y', 'C='])]).toEqual([
      ['A', '1'],
      ['B', 'x=y'],
      ['C', ''],
    ])
    expect(() => parseConfigWords(['=geheim'])).toThrow(
      expect.objectContaining({exitCode: 2, message: expect.not.stringContaining('geheim')}),
    )
    expect(() => parseConfigWords(['A'])).toThrow('“A” sets no config var')
  })
})

test('scale changes quantities, makes no release, and outlives deploys', async () => {
  await shop('a')
  const after = await scalePoolApp(
    'shop',
    [
      {type: 'web', sign: '=', quantity: 3},
      {type: 'worker', sign: '+', quantity: 1},
    ],
    contextOf(pool),
  )
  expect([...after].sort()).toEqual([
    ['web', 3],
    ['worker', 1],
  ])
  await shop('b')
  expect([...pool.engine.running.values()].map(({type, quantity}) => [type, quantity]).sort()).toEqual([
    ['web', 3],
    ['worker', 1],
  ])
  expect(await descriptions()).toHaveLength(2)
  await expect(scalePoolApp('shop', [{type: 'nope', sign: '=', quantity: 1}], contextOf(pool))).rejects.toMatchObject({
    code: 'UNKNOWN_TYPE',
    exitCode: 2,
  })
})

test('domains are routed without a release', async () => {
  await shop('a')
  expect(await changeDomains({app: 'shop', add: 'WWW.Example.com.'}, contextOf(pool))).toEqual(['www.example.com'])
  expect(pool.engine.running.get('shop web')?.domains).toEqual(['www.example.com'])
  await shop('b')
  expect(pool.engine.running.get('shop web')?.domains).toEqual(['www.example.com'])
  await expect(changeDomains({app: 'shop', add: 'no domain'}, contextOf(pool))).rejects.toMatchObject({exitCode: 2})
  await expect(changeDomains({app: 'shop', remove: 'a.example'}, contextOf(pool))).rejects.toMatchObject({
    exitCode: 2,
    hint: 'It has www.example.com.',
  })
  await changeDomains({app: 'shop', remove: 'www.example.com'}, contextOf(pool))
  expect(await listDomains('shop', contextOf(pool))).toEqual([])
})

test.for<[words: readonly string[], command: string | readonly string[]]>([
  [['echo $HOME | cat'], 'echo $HOME | cat'],
  [
    ['echo', '$HOME'],
    ['echo', '$HOME'],
  ],
  [['worker'], 'node worker.js'],
  [['worker', '--once', "it's"], "node worker.js '--once' 'it'\\''s'"],
])('run %j', async ([words, command]) => {
  await shop('a')
  pool.engine.oneOffEnd = {exitCode: 7, host: 'h1', message: undefined}
  expect(await runOnPool({app: 'shop', words}, contextOf(pool))).toMatchObject({exitCode: 7, dyno: expect.stringMatching(/^run\.\d{4}$/)})
  expect(pool.engine.oneOffs[0]?.command).toEqual(command)
})

test('an app that the pool does not know: exit 2, with those it knows', async () => {
  await expect(findPoolApp(contextOf(pool), 'blog')).rejects.toMatchObject({code: 'UNKNOWN_APP', exitCode: 2})
  await shop('a')
  await expect(rollback({app: 'blog'}, contextOf(pool))).rejects.toMatchObject({hint: 'It has shop.'})
})
