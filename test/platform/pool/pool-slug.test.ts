import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {importArchive} from '../../../src/engines/slug/import-archive.ts'
import {slugStore} from '../../../src/engines/slug/slug-store.ts'
import {findSlug} from '../../../src/platform/find-slug.ts'
import {poolSlug} from '../../../src/platform/pool/pool-slug.ts'
import {test} from '../../support/temp-folder.ts'

async function poolSlugOf(folder: string, appJson: object | undefined) {
  const app = join(folder, 'app')
  mkdirSync(app, {recursive: true})
  writeFileSync(join(app, 'Procfile'), 'web: x\n')
  if (appJson !== undefined) writeFileSync(join(app, 'app.json'), JSON.stringify(appJson))
  execFileSync('tar', ['-cf', 'slug.tar', 'app'], {cwd: folder})
  const store = slugStore({stateDir: join(folder, 'state'), cacheDir: join(folder, 'cache')})
  for (const dir of ['state', 'cache']) mkdirSync(join(folder, dir), {mode: 0o700, recursive: true})
  const {slug} = await importArchive(join(folder, 'slug.tar'), {store, stack: 'heroku-24'})
  return await poolSlug(findSlug(store, slug.id), store)
}

test('the tar it writes is the slug: its SHA-256 is the id', async ({folder}) => {
  const slug = await poolSlugOf(folder, undefined)
  await slug.writeTar(join(folder, 'out.tar'))
  expect(
    `sha256:${createHash('sha256')
      .update(readFileSync(join(folder, 'out.tar')))
      .digest('hex')}`,
  ).toBe(slug.id)
  expect([...slug.processTypes]).toEqual([['web', 'x']])
})

test.for<[appJson: object | undefined, path: string | undefined]>([
  [undefined, undefined],
  [{healthchecks: {web: [{type: 'liveness', path: '/live'}]}}, undefined],
  [
    {
      healthchecks: {
        web: [
          {type: 'readiness', path: '/ready'},
          {type: 'startup', path: '/start'},
        ],
      },
    },
    '/start',
  ],
  [{healthchecks: {web: [{type: 'readiness', path: '/ready'}], worker: [{type: 'startup', path: '/no'}]}}, '/ready'],
])('with %j in it the check is of %s', async ([appJson, path], {folder}) => {
  expect((await poolSlugOf(folder, appJson)).webCheck?.path).toBe(path)
})
