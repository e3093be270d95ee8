import {writeFile} from 'node:fs/promises'
import {beforeEach, expect, test} from 'vitest'
import {slugImage} from '../../../src/engines/pool/compose-image.ts'
import type {Stack} from '../../../src/model/pool.ts'
import {changeStack} from '../../../src/platform/pool/change-stack.ts'
import {deploy} from '../../../src/platform/pool/deploy.ts'
import {pullStack} from '../../../src/platform/pool/pull-stack.ts'
import {contextOf, type TestPool, testPool} from '../../support/pool-context.ts'

let pool: TestPool
let written: Stack[]
const slug = {
  id: `sha256:${'a'.repeat(64)}`,
  stack: 'heroku-24',
  os: 'linux',
  arch: 'x64',
  libc: 'glibc',
  tarBytes: 1,
  processTypes: new Map([['web', 'x']]),
  writeTar: (file: string) => writeFile(file, 'x'),
}
const options = () => ({
  bucketName: 'b',
  endpoint: undefined,
  write: async (stack: Stack) => {
    written.push(stack)
  },
})

beforeEach(async () => {
  pool = testPool()
  written = []
  await deploy({app: 'shop', slug}, contextOf(pool))
})

test('the same slug over another stack: another image, no release', async () => {
  const stack = await pullStack('heroku/heroku:26', contextOf(pool))
  expect(stack).toMatchObject({name: 'heroku-26', layers: ['sha256:2'], source: {kind: 'image', reference: 'heroku/heroku:26'}})
  expect(await changeStack(stack, contextOf(pool), options())).toEqual(['shop'])
  expect(pool.engine.running.get('shop web')).toMatchObject({release: 1, slug: slug.id, image: slugImage(stack, slug.id).id})
  expect(written).toEqual([stack])
})

test('an app that does not come up on it: it and the stack go back', async () => {
  const context = contextOf(pool)
  const stack = await pullStack('heroku/heroku:26', context)
  const before = pool.engine.running.get('shop web')?.image
  pool.engine.behaviour = () => ({status: 'failed', failure: {dyno: 'web.1', host: 'h1', exitCode: 1, message: 'no libssl', lastLines: []}})
  await expect(changeStack(stack, context, options())).rejects.toMatchObject({exitCode: 7, message: expect.stringContaining('no libssl')})
  expect(pool.engine.running.get('shop web')?.image).toBe(before)
  expect(written).toEqual([stack, context.pool.stack])
})

test('a host that cannot get it: nothing rolls, the stack goes back', async () => {
  const context = contextOf(pool)
  pool.engine.jobResults = [{host: 'h2', isDone: false, message: 'no space left on device'}]
  await expect(changeStack({...context.pool.stack, layers: ['sha256:9']}, context, options())).rejects.toMatchObject({
    exitCode: 7,
    message: expect.stringContaining('h2: no space left'),
  })
  expect(written.at(-1)).toEqual(context.pool.stack)
})
