import {execFileSync} from 'node:child_process'
import {appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {checkoutSlug} from '../src/engines/slug/checkout-slug.ts'
import {exportSlug} from '../src/engines/slug/export-slug.ts'
import {extractArchive} from '../src/engines/slug/extract-archive.ts'
import {slugStore} from '../src/engines/slug/slug-store.ts'
import {copySource} from '../src/engines/slug/source.ts'
import {storeSlug} from '../src/engines/slug/store-slug.ts'
import {makeTree} from './slug/make-tree.ts'

/**
 * A slug of 17,000 files and 170 MB: written, written again, one line changed, unpacked, against tar and npm's tar in the same
 * run. In memory where there is a /dev/shm, so that the disk does not speak. `node bench/slug.ts [ROUNDS]`
 */
const rounds = Number(process.argv[2] ?? '3')
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'homeport-bench-'))
const app = join(folder, 'app')
const facts = {processTypes: new Map([['web', 'node server.js']]), stack: 'heroku-24', isKept: true}
const times = new Map<string, number[]>()
const notes = new Map<string, number>()

try {
  makeTree(app)
  for (let round = 0; round < rounds; round++) await benchRound(join(folder, `round-${round}`))
  report()
} finally {
  rmSync(folder, {recursive: true, force: true})
}

async function benchRound(place: string): Promise<void> {
  mkdirSync(place)
  const store = slugStore({stateDir: join(place, 'state'), cacheDir: join(place, 'cache')})
  const tgz = join(place, 'peer.tgz')
  await time('tar czf', () => execFileSync('tar', ['czf', tgz, '-C', folder, 'app']))
  const {slug} = await time('store', () => storeSlug(app, {store, ...facts}))
  await time('store, unchanged', () => storeSlug(app, {store, ...facts}))
  appendFileSync(join(app, 'server.js'), 'module.exports = 1\n')
  const {newBytes} = await time('store, one line', () => storeSlug(app, {store, ...facts}))
  note('new objects for one changed line', newBytes)
  note('archive', slug.archiveBytes)
  note('archive of tar czf', statSync(tgz).size)
  const zst = join(place, 'slug.tar.zst')
  await time('export .tar.zst', () => exportSlug(slug, {store, file: zst, packing: 'tar.zst'}))
  await time('export .tar.gz', () => exportSlug(slug, {store, file: join(place, 'slug.tar.gz'), packing: 'tar.gz'}))
  await time('unpack: tar --zstd', () => execFileSync('tar', ['-I', 'zstd', '-xf', zst, '-C', newFolder(place, 'gnu')]))
  await time('unpack: npm tar', () => npmTar(zst, newFolder(place, 'npm')))
  await time('unpack: ours', () => extractArchive(zst, {to: join(place, 'ours')}))
  const checkout = await time('checkout', () => checkoutSlug(slug, {store}))
  checkout[Symbol.dispose]()
  const again = await time('checkout, again', () => checkoutSlug(slug, {store}))
  again[Symbol.dispose]()
  await time('copy: cp -a', () => execFileSync('cp', ['-a', app, join(place, 'cp')]))
  await time('copy: source', () => copySource(app, {to: join(place, 'source'), env: {}}))
  rmSync(place, {recursive: true, force: true})
}

/** In a process of its own, so that its garbage is not ours to collect. */
function npmTar(file: string, cwd: string): void {
  const script = `import {extract} from 'tar'; await extract(${JSON.stringify({file, cwd})})`
  execFileSync(process.execPath, ['--input-type=module', '-e', script], {cwd: import.meta.dirname, stdio: 'inherit'})
}

async function time<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const begun = performance.now()
  const result = await work()
  times.set(name, [...(times.get(name) ?? []), performance.now() - begun])
  return result
}

function note(name: string, value: number): void {
  notes.set(name, value)
}

function report(): void {
  for (const [name, list] of times) print(name, `${median(name).toFixed(0)} ms`, `(${list.map(ms => ms.toFixed(0)).join(' ')})`)
  for (const [name, bytes] of notes) print(name, `${bytes} bytes`)
  ratio('write, over tar czf', 'tar czf', 'store')
  ratio('unpack, over npm tar', 'unpack: npm tar', 'unpack: ours')
  ratio('unpack, over GNU tar with zstd', 'unpack: tar --zstd', 'unpack: ours')
  ratio('checkout, over GNU tar with zstd', 'unpack: tar --zstd', 'checkout')
  ratio('copy of the source, over cp -a', 'copy: cp -a', 'copy: source')
}

function ratio(name: string, peer: string, ours: string): void {
  print(name, `${(median(peer) / median(ours)).toFixed(2)} x as fast`)
}

function median(name: string): number {
  const sorted = (times.get(name) ?? []).toSorted((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

function newFolder(place: string, name: string): string {
  mkdirSync(join(place, name))
  return join(place, name)
}

function print(name: string, ...values: readonly string[]): void {
  process.stdout.write(`${name.padEnd(34)}${values.join('  ')}\n`)
}
