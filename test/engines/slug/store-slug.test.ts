import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {afterEach, expect} from 'vitest'
import {exportSlug} from '../../../src/engines/slug/export-slug.ts'
import {readSlugs} from '../../../src/engines/slug/slug-records.ts'
import type {SlugStore} from '../../../src/engines/slug/slug-store.ts'
import {storeSlug} from '../../../src/engines/slug/store-slug.ts'
import {type FileTree, writeTree} from '../../support/file-tree.ts'
import {newStore, storeTree, test, webType} from '../../support/slug-store.ts'

const tree: FileTree = {
  Procfile: 'web: bin/web\n',
  'bin/web*': '#!/bin/sh\nexec sleep 60\n',
  'bin/link': '-> ../lib/a',
  'lib/a': 'one',
  'lib/a-b': 'two',
  'lib/a.c': 'three',
  'lib/a.d/deep': 'four',
  'tmp/cache': '/',
}

const umask = process.umask()
afterEach(() => process.umask(umask))

test('the same content has the same id: other folder, umask, times, order', async ({folder, store}) => {
  const first = await storeTree(store, join(folder, 'one'), tree)
  process.umask(0o077)
  const second = await storeTree(newStore(join(folder, 'other')), join(folder, 'two'), Object.fromEntries(Object.entries(tree).reverse()))
  utimesSync(join(folder, 'two/lib/a'), 1, 1)
  const third = await storeSlug(join(folder, 'two'), {store, processTypes: webType, stack: 'heroku-24'})
  expect(second.slug.id).toBe(first.slug.id)
  expect([third.slug.id, third.reused]).toEqual([first.slug.id, true])
})

test('a tree that the store has is known by reading it: no archive is made, and a size beyond the limit is refused all the same', async ({
  folder,
  store,
}) => {
  const first = await storeTree(store, join(folder, 'one'), tree)
  writeTree(join(folder, 'again'), tree)
  const made: string[] = []
  const watcher = watch(join(store.folder, 'tmp'), (_, name) => void made.push(String(name)))
  const again = {store, processTypes: webType, stack: 'heroku-24'}
  const second = await storeSlug(join(folder, 'again'), again)
  writeFileSync(join(store.folder, 'tmp/last'), '')
  await expect.poll(() => made).toContain('last')
  watcher.close()
  expect(second).toMatchObject({slug: {id: first.slug.id}, reused: true, newBytes: 0})
  expect(made.filter(name => name !== 'last')).toEqual([])
  await expect(storeSlug(join(folder, 'again'), {...again, maxArchiveBytes: 1})).rejects.toMatchObject({code: 'SLUG_TOO_LARGE'})
})

test.for<readonly [change: string, tree: FileTree]>([
  ['a byte', {...tree, 'lib/a': 'onE'}],
  ['a run bit', {...tree, 'lib/a*': 'one', 'lib/a': ''}],
  ['a name', {...tree, 'lib/b': 'one'}],
  ['a link', {...tree, 'bin/link': '-> ../lib/a-b'}],
  ['an empty folder', {...tree, log: '/'}],
])('%s makes another slug', async ([, changed], {folder, store}) => {
  const first = await storeTree(store, join(folder, 'one'), tree)
  const second = await storeTree(store, join(folder, 'two'), changed)
  expect(second.slug.id).not.toBe(first.slug.id)
})

test('process types and stack are part of the id, buildpacks and commit are not', async ({folder, store}) => {
  const ids = new Map<string, string>()
  const variants = {
    plain: {},
    types: {processTypes: new Map([['web', 'bin/other']])},
    stack: {stack: 'heroku-26'},
    beside: {commit: 'c0ffee', buildpacks: [{name: 'procfile'}]},
  }
  writeTree(join(folder, 'app'), tree)
  for (const [name, options] of Object.entries(variants)) {
    const {slug} = await storeSlug(join(folder, 'app'), {store, processTypes: webType, stack: 'heroku-24', ...options})
    ids.set(name, slug.id)
  }
  expect(ids.get('beside')).toBe(ids.get('plain'))
  expect(new Set(ids.values()).size).toBe(3)
})

test('the id is the digest of the canonical tar, which GNU tar reads', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  const file = join(folder, 'slug.tar')
  await exportSlug(slug, {store, file, packing: 'tar'})
  expect(`sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`).toBe(slug.id)
  const names = execFileSync('tar', ['tf', file], {encoding: 'utf8'}).trim().split('\n')
  expect(names).toEqual([
    'app/',
    'app/.homeport/',
    'app/.homeport/slug.json',
    'app/Procfile',
    'app/bin/',
    'app/bin/link',
    'app/bin/web',
    'app/lib/',
    'app/lib/a',
    'app/lib/a-b',
    'app/lib/a.c',
    'app/lib/a.d/',
    'app/lib/a.d/deep',
    'app/tmp/',
    'app/tmp/cache/',
  ])
  const lines = execFileSync('tar', ['--numeric-owner', '--utc', '-tvf', file], {encoding: 'utf8'}).trim().split('\n')
  expect(new Set(lines.map(line => line.split(/\s+/).slice(0, 2).join(' ')))).toEqual(
    new Set(['drwxr-xr-x 1000/1000', '-rw-r--r-- 1000/1000', '-rwxr-xr-x 1000/1000', 'lrwxr-xr-x 1000/1000']),
  )
  expect(lines.every(line => line.includes(' 1980-01-01 00:00 '))).toBe(true)
})

test('a folder stands where its name with a / belongs', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), {'d/x': '', 'd-e': '', 'd.f': '', d0: '', '\u00e9': '', e: ''})
  await exportSlug(slug, {store, file: join(folder, 'slug.tar'), packing: 'tar'})
  const names = execFileSync('tar', ['--quoting-style=literal', '-tf', join(folder, 'slug.tar')])
    .toString('latin1')
    .trim()
    .split('\n')
  expect(names).toEqual([...names].sort())
  expect(names.map(name => name.slice(4))).toEqual([
    '',
    '.homeport/',
    '.homeport/slug.json',
    'd-e',
    'd.f',
    'd/',
    'd/x',
    'd0',
    'e',
    '\xc3\xa9',
  ])
})

test('this id never changes, or slugs of the past would be lost', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  expect(slug.id).toBe('sha256:5370ec2938f35acfaf118f0f855e480bf18f4543247d4ab1e3b6fcca22f31e3c')
})

test('long, odd and foreign names come through', async ({folder, store}) => {
  const names = [
    'a b',
    'quote\'"',
    'new\nline',
    '-dash',
    'ünïcode',
    'n'.repeat(255),
    `${'long/'.repeat(60)}end`,
    `${'x'.repeat(120)}/${'y'.repeat(120)}`,
  ]
  const odd = Object.fromEntries(names.map(name => [name, name]))
  writeTree(join(folder, 'app'), odd)
  writeFileSync(Buffer.from(`${folder}/app/not-utf8-\xff`, 'latin1'), 'bytes')
  symlinkSync('y'.repeat(300), join(folder, 'app/link'))
  const {slug} = await storeSlug(join(folder, 'app'), {store, processTypes: webType, stack: 'heroku-24'})
  await exportSlug(slug, {store, file: join(folder, 'slug.tar'), packing: 'tar'})
  mkdirSync(join(folder, 'out'))
  execFileSync('tar', ['xf', join(folder, 'slug.tar'), '-C', join(folder, 'out')])
  expect(
    execFileSync('diff', ['-r', '--no-dereference', join(folder, 'out/app'), join(folder, 'app'), '-x', '.homeport'], {encoding: 'utf8'}),
  ).toBe('')
})

test('slug.json is canonical, and one in the source gives way', async ({folder, store}) => {
  const types = new Map([
    ['worker', 'w "x"'],
    ['web', 'bin/web'],
  ])
  const {slug} = await storeTree(
    store,
    join(folder, 'one'),
    {...tree, '.homeport/slug.json': '{"stack": "mine"}', '.homeport/node': 'n'},
    {processTypes: types},
  )
  const twin = await storeTree(store, join(folder, 'two'), {...tree, '.homeport/node': 'n'}, {processTypes: new Map([...types].reverse())})
  expect(twin.slug.id).toBe(slug.id)
  await exportSlug(slug, {store, file: join(folder, 'slug.tar'), packing: 'tar'})
  const json = execFileSync('tar', ['xOf', join(folder, 'slug.tar'), 'app/.homeport/slug.json'], {encoding: 'utf8'})
  expect(json).toBe('{"arch":"any","libc":"any","os":"any","processTypes":{"web":"bin/web","worker":"w \\"x\\""},"stack":"heroku-24"}')
  expect(readFileSync(join(folder, 'one/.homeport/slug.json'), 'utf8')).toBe('{"stack": "mine"}')
})

test.for(['a file', '-> elsewhere'])('.homeport as %s gives way to the folder', async (text, {folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'one'), {a: 'a', '.homeport': text})
  const {slug: other} = await storeTree(store, join(folder, 'two'), {a: 'a'})
  expect(slug.id).toBe(other.id)
})

test('programs tell what machine a slug needs, wherever they hide', async ({folder, store}) => {
  const {slug: without} = await storeTree(store, join(folder, 'none'), tree)
  expect([without.os, without.arch, without.libc]).toEqual(['any', 'any', 'any'])
  for (const name of ['bin/prog', 'lib/odd.name.txt']) {
    const app = writeTree(join(folder, name.replace('/', '-')), tree)
    copyFileSync('/bin/true', join(app, name))
    const {slug} = await storeSlug(app, {store, processTypes: webType, stack: 'heroku-24'})
    expect([name, slug.os, slug.libc === 'any']).toEqual([name, 'linux', false])
    expect(slug.arch).toBe(process.arch)
  }
})

test('files that name /app/ are known: interpreters and configuration', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), {
    'bin/tool*': '#!/app/.python/bin/python\nprint()\n',
    'nginx.conf': 'root /app/public;\n',
    '.profile.d/path.sh': 'export PATH="/app/bin:$PATH"\n',
    'src/routes.js': 'get("/app/users")\n',
    'other.conf': 'root /srv/app/public;\n',
    'bin/plain*': '#!/bin/sh\n# see /app/readme\n',
    'node_modules/x/x.yml': 'a: /app/b\n',
  })
  expect(slug.appPathFiles).toEqual(['.profile.d/path.sh', 'bin/tool', 'nginx.conf'])
})

test('an unchanged folder is not read again', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), tree)
  const keep = (options = {}) => storeSlug(app, {store, processTypes: webType, stack: 'heroku-24', isKept: true, ...options})
  const first = await keep()
  await settle(app)
  expect(await keep()).toMatchObject({reused: true, newBytes: 0})
  // The content of a file changes behind the back of the file system: only who reads it sees that.
  const before = statSync(join(app, 'lib/a'), {bigint: true})
  writeFileSync(join(app, 'lib/a'), 'ONE')
  expect((await keep()).slug.id).not.toBe(first.slug.id)
  expect(statSync(join(app, 'lib/a'), {bigint: true}).size).toBe(before.size)
})

/** File systems tick; what changed in the last tick is not trusted. */
async function settle(app: string): Promise<void> {
  const past = statSync(join(app, 'lib/a')).ctimeMs + 100
  await expect.poll(() => Date.now(), {timeout: 5_000}).toBeGreaterThan(past)
}

test('a changed run bit is seen although the content is known', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), tree)
  const keep = () => storeSlug(app, {store, processTypes: webType, stack: 'heroku-24', isKept: true})
  const first = await keep()
  await settle(app)
  await keep()
  chmodSync(join(app, 'lib/a'), 0o755)
  expect((await keep()).slug.id).not.toBe(first.slug.id)
})

test('one changed line costs less than 2 kB, in a large file of a wide folder too', async ({folder, store}) => {
  const line = (index: number) => `line ${index} of a file, ${createHash('sha256').update(String(index)).digest('hex')}\n`
  const large = Array.from({length: 4000}, (_, index) => line(index)).join('')
  const many = Object.fromEntries(Array.from({length: 1000}, (_, index) => [`wide/file-${index}.js`, line(index)]))
  const app = writeTree(join(folder, 'app'), {...tree, ...many, 'wide/large.js': large})
  await storeSlug(app, {store, processTypes: webType, stack: 'heroku-24'})
  appendFileSync(join(app, 'wide/large.js'), 'one more line\n')
  const before = storeBytes(store)
  const {newBytes, slug} = await storeSlug(app, {store, processTypes: webType, stack: 'heroku-24'})
  expect(newBytes).toBeLessThan(2000)
  expect(storeBytes(store) - before).toBeLessThan(2000)
  await exportSlug(slug, {store, file: join(folder, 'slug.tar'), packing: 'tar'})
  expect(
    createHash('sha256')
      .update(readFileSync(join(folder, 'slug.tar')))
      .digest('hex'),
  ).toBe(slug.id.slice(7))
})

test('a long line of changes stays readable', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), {'a.txt': 'x\n'.repeat(5000)})
  for (let round = 0; round < 16; round++) {
    appendFileSync(join(app, 'a.txt'), `round ${round}\n`)
    await storeSlug(app, {store, processTypes: webType, stack: 'heroku-24'})
  }
  const slugs = readSlugs(store)
  expect(slugs.length).toBe(16)
  const newest = slugs.find(({sizeBytes}) => sizeBytes === Math.max(...slugs.map(slug => slug.sizeBytes)))
  if (newest === undefined) throw new Error('no slug')
  await exportSlug(newest, {store, file: join(folder, 'slug.tar'), packing: 'tar'})
  expect(execFileSync('tar', ['xOf', join(folder, 'slug.tar'), 'app/a.txt'], {encoding: 'utf8'})).toBe(
    readFileSync(join(app, 'a.txt'), 'utf8'),
  )
})

test('large files, over many frames, come out as they went in', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), {a: 'a'})
  const large = Buffer.alloc(11_000_000)
  for (let at = 0; at < large.length; at += 4) large.writeUInt32LE((at * 2654435761) % 2 ** 32, at)
  writeFileSync(join(app, 'large.bin'), large)
  cpSync(join(app, 'large.bin'), join(app, 'twin.bin'))
  const {slug} = await storeSlug(app, {store, processTypes: webType, stack: 'heroku-24'})
  await exportSlug(slug, {store, file: join(folder, 'slug.tar'), packing: 'tar'})
  for (const name of ['large.bin', 'twin.bin']) {
    expect(execFileSync('tar', ['xOf', join(folder, 'slug.tar'), `app/${name}`], {maxBuffer: 2 ** 25}).equals(large)).toBe(true)
  }
})

test('links that lead out, sockets and pipes are left out with a warning', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), {...tree, out: '-> ../../secret', 'lib/sys': '-> /usr/bin/env', etc: '-> /etc/passwd'})
  execFileSync('mkfifo', [join(app, 'pipe')])
  const {slug, warnings} = await storeSlug(app, {store, processTypes: webType, stack: 'heroku-24'})
  expect([...warnings].sort()).toEqual([
    'etc is left out: a link that leads out of the app (/etc/passwd).',
    'out is left out: a link that leads out of the app (../../secret).',
    'pipe is left out: neither file nor folder nor link.',
  ])
  const {slug: plain} = await storeTree(store, join(folder, 'plain'), {...tree, 'lib/sys': '-> /usr/bin/env'})
  expect(slug.id).toBe(plain.id)
})

test('a file that cannot be read is named, and nothing is stored', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), tree)
  for (const path of [folder, app, join(app, 'lib')]) chmodSync(path, 0o755)
  chmodSync(join(app, 'lib/a'), 0)
  await asUser(folder, async () => {
    await expect(storeSlug(app, {store, processTypes: webType, stack: 'heroku-24'})).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('lib/a'),
    })
  })
  expect(readSlugs(store)).toEqual([])
})

/** As root every file can be read. */
async function asUser(folder: string, action: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return await action()
  chmodSync(folder, 0o777)
  process.seteuid?.(65_534)
  try {
    await action()
  } finally {
    process.seteuid?.(0)
  }
}

test('a slug that is too large is refused in the words of the platform', async ({folder, store}) => {
  await expect(storeTree(store, join(folder, 'app'), tree, {maxArchiveBytes: 100})).rejects.toMatchObject({
    code: 'SLUG_TOO_LARGE',
    message: 'Compiled slug size: 470B is too large (max is 100B).',
  })
  expect(readSlugs(store)).toEqual([])
  expect(readdirSync(store.folder).sort()).toEqual(['lock', 'tmp'])
  expect(readdirSync(join(store.folder, 'tmp'))).toEqual([])
})

test('what is beside a slug is kept with it', async ({folder, store}) => {
  const buildpacks = [{name: 'nodejs', ref: 'main', commit: 'abc'}]
  const {slug} = await storeTree(store, join(folder, 'app'), tree, {commit: 'c0ffee', buildpacks})
  expect(readSlugs(store)).toEqual([slug])
  expect(slug).toMatchObject({commit: 'c0ffee', buildpacks, files: 7, sizeBytes: expect.any(Number), stack: 'heroku-24'})
  expect(slug.sizeBytes).toBeGreaterThan(0)
  expect(slug.archiveBytes).toBeGreaterThan(0)
})

function storeBytes(store: SlugStore): number {
  return readdirSync(store.folder, {recursive: true, encoding: 'utf8'})
    .map(name => statSync(join(store.folder, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0)
}
