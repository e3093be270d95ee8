import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {useSlug} from '../../src/engines/slug/slug-use.ts'
import {readTree} from '../support/file-tree.ts'
import {homeport} from '../support/homeport.ts'
import {test as base, newStore, storeTree} from '../support/slug-store.ts'
import {tarBytes} from '../support/tar-bytes.ts'

/** A test with two slugs in a home of its own, and `slugs(…)` to ask about them. */
const test = base
  .extend('home', async ({folder}) => {
    const home = join(folder, 'home')
    mkdirSync(home, {mode: 0o700})
    await storeTree(newStore(home), join(folder, 'first'), {Procfile: 'web: bin/web\n', a: 'first'})
    await storeTree(newStore(home), join(folder, 'second'), {Procfile: 'web: bin/web\n', a: 'second'})
    return home
  })
  .extend(
    'run',
    ({folder, home}) =>
      (...args: string[]) =>
        homeport(args, {cwd: folder, env: {HOMEPORT_HOME: home}}),
  )

const json = (text: string) => JSON.parse(text)

test('slugs lists the newest first, with the keys of the contract', async ({run}) => {
  const {code, stdout} = await run('slugs', '--json')
  expect(code).toBe(0)
  const slugs = json(stdout)
  expect(slugs.map(Object.keys)).toEqual(Array(2).fill(['slug', 'createdAt', 'sizeBytes', 'processTypes', 'stack', 'usedBy']))
  expect(slugs[0]).toMatchObject({
    slug: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    processTypes: {web: 'bin/web'},
    stack: 'heroku-24',
    usedBy: [],
  })
  expect(slugs[0].createdAt > slugs[1].createdAt).toBe(true)
  const human = await run('slugs')
  expect(human.stdout.split('\n')[1]).toMatch(new RegExp(`^${slugs[0].slug.slice(0, 19)}  20\\d\\d-`))
})

test('without slugs there is an empty list, and what to do', async ({folder}) => {
  const run = (...args: string[]) => homeport(args, {env: {HOMEPORT_HOME: join(folder, 'new')}})
  expect((await run('slugs', '--json')).stdout).toBe('[]\n')
  expect((await run('slugs')).stdout).toContain('homeport build')
  expect(existsSync(join(folder, 'new'))).toBe(false)
})

test('slugs:info takes any unique beginning of 6 digits', async ({run}) => {
  const [{slug}] = json((await run('slugs', '--json')).stdout)
  for (const word of [slug.slice(7, 13), `sha256:${slug.slice(7, 20)}`]) {
    const {code, stdout} = await run('slugs:info', word, '--json')
    expect([code, json(stdout).slug]).toEqual([0, slug])
  }
  expect((await run('slugs:info', slug)).stdout).toContain('web: bin/web')
})

test.for(['abc12', '000000'])('slugs:info %s is exit 2', async (word, {run}) => {
  const {code, stdout} = await run('slugs:info', word, '--json')
  expect([code, json(stdout).error.code]).toEqual([2, 'SLUG_UNKNOWN'])
})

test('an exported slug is imported elsewhere under the same id', async ({run, folder}) => {
  const [{slug}] = json((await run('slugs', '--json')).stdout)
  for (const name of ['a.tar', 'a.tar.zst']) {
    expect((await run('slugs:export', slug, '-o', name)).code).toBe(0)
    const home = join(folder, `home-${name}`)
    const imported = await homeport(['slugs:import', name, '--json'], {cwd: folder, env: {HOMEPORT_HOME: home}})
    expect([imported.code, json(imported.stdout).slug, imported.stderr]).toEqual([0, slug, ''])
  }
  expect(execFileSync('sha256sum', [join(folder, 'a.tar')], {encoding: 'utf8'}).slice(0, 64)).toBe(slug.slice(7))
})

test('a name that does not say how to pack is exit 2', async ({run, folder}) => {
  const [{slug}] = json((await run('slugs', '--json')).stdout)
  const {code, stderr} = await run('slugs:export', slug, '-o', 'slug.zip')
  expect([code, stderr]).toEqual([2, expect.stringContaining('.tar.zst')])
  expect(existsSync(join(folder, 'slug.zip'))).toBe(false)
})

test('importing without slug.json says what was assumed', async ({run, folder}) => {
  writeFileSync(join(folder, 'a.tar'), tarBytes([{name: 'app/Procfile', content: 'worker: w\n'}]))
  const {code, stdout, stderr} = await run('slugs:import', 'a.tar', '--stack', 'heroku-22', '--json')
  expect([code, json(stdout).stack]).toEqual([0, 'heroku-22'])
  expect(stderr).toContain('process types from its Procfile: worker; stack heroku-22')
})

test('a hostile archive is exit 4 with member and reason in one line', async ({run, folder}) => {
  writeFileSync(
    join(folder, 'a.tar'),
    tarBytes([
      {name: 'app/Procfile', content: 'web: w\n'},
      {name: 'app/../../evil', content: 'x'},
    ]),
  )
  const {code, stderr} = await run('slugs:import', 'a.tar')
  expect(code).toBe(4)
  expect(stderr.split('\n')[0]).toBe(' ›   Error: a.tar is refused: app/../../evil: a path that leads out of the archive.')
  expect(json((await run('slugs', '--json')).stdout).length).toBe(2)
  const unpacked = await run('slugs:unpack', 'a.tar', 'out')
  expect([unpacked.code, existsSync(join(folder, 'out'))]).toEqual([4, false])
})

test('--max-size is the limit of what an archive may unpack to', async ({run, folder}) => {
  writeFileSync(join(folder, 'a.tar'), tarBytes([{name: 'app/Procfile', content: `web: ${'w'.repeat(2000)}\n`}]))
  expect((await run('slugs:unpack', 'a.tar', 'out', '--max-size', '1K')).code).toBe(4)
  expect((await run('slugs:unpack', 'a.tar', 'out', '--max-size', '2K')).code).toBe(0)
  expect((await run('slugs:unpack', 'a.tar', 'out2', '--max-size', 'lots')).code).toBe(2)
})

test('slugs:unpack writes what lies under app/, of an id and of a file', async ({run, folder}) => {
  const [{slug}] = json((await run('slugs', '--json')).stdout)
  await run('slugs:export', slug, '-o', 'slug.tar')
  mkdirSync(join(folder, 'empty'))
  expect((await run('slugs:unpack', slug.slice(7, 15), 'new')).code).toBe(0)
  expect((await run('slugs:unpack', './slug.tar', 'empty')).code).toBe(0)
  expect(readTree(join(folder, 'empty'))).toEqual(readTree(join(folder, 'new')))
  expect(Object.keys(readTree(join(folder, 'new')))).toEqual(['.homeport/slug.json', 'Procfile', 'a'])
})

test('slugs:unpack wants a new or an empty folder', async ({run, folder}) => {
  const [{slug}] = json((await run('slugs', '--json')).stdout)
  writeFileSync(join(folder, 'file'), '')
  for (const place of ['first', 'file', 'no/where']) expect([place, (await run('slugs:unpack', slug, place)).code]).toEqual([place, 2])
  expect((await run('slugs:unpack', 'nowhere.tar', 'out')).code).toBe(2)
  expect((await run('slugs:export', slug, '-o', 'no/where.tar')).code).toBe(2)
  expect(readdirSync(folder)).not.toContain('out')
})

test('slugs:verify finds damage: exit 5', async ({run, home}) => {
  const [{slug}] = json((await run('slugs', '--json')).stdout)
  expect(await run('slugs:verify', slug)).toMatchObject({code: 0, stdout: expect.stringContaining('is whole: 3 files')})
  for (const name of readdirSync(join(home, 'state/slugs/packs'))) {
    const path = join(home, 'state/slugs/packs', name)
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
    writeFileSync(path, bytes)
  }
  const {code, stdout} = await run('slugs:verify', slug, '--json')
  expect([code, json(stdout).ok]).toEqual([5, false])
  expect(json(stdout).damaged.length).toBeGreaterThan(0)
})

test('slugs:prune keeps what is pinned and what runs', async ({run, home}) => {
  const [newer, older] = json((await run('slugs', '--json')).stdout)
  await run('slugs:pin', newer.slug)
  using _use = await useSlug(newStore(home), older.slug)
  expect((await run('slugs', '--json').then(({stdout}) => json(stdout))).map(({usedBy}: {usedBy: string[]}) => usedBy)).toEqual([
    ['a pin'],
    ['a running app'],
  ])
  expect(json((await run('slugs:prune', '--json')).stdout).removed).toEqual([])
  await run('slugs:unpin', newer.slug)
  expect(json((await run('slugs:prune', '--json')).stdout).removed).toEqual([newer.slug])
  expect(json((await run('slugs', '--json')).stdout).map(({slug}: {slug: string}) => slug)).toEqual([older.slug])
})
