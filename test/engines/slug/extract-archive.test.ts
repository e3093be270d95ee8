import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {expect} from 'vitest'
import {extractArchive} from '../../../src/engines/slug/extract-archive.ts'
import type {ArchiveLimits} from '../../../src/model/archive-policy.ts'
import {HomeportError} from '../../../src/model/error.ts'
import {readTree} from '../../support/file-tree.ts'
import {type MemberBytes, memberBytes, paxBytes, tarBytes} from '../../support/tar-bytes.ts'
import {test} from '../../support/temp-folder.ts'

const file = (name: string, more: Partial<MemberBytes> = {}): MemberBytes => ({name, content: 'content', ...more})
const folder = (name: string): MemberBytes => ({name, type: '5', mode: 0o755})
const link = (name: string, target: string): MemberBytes => ({name, type: '2', target})
const hardLink = (name: string, target: string): MemberBytes => ({name, type: '1', target})
const deep = (levels: number) => `${'d/'.repeat(levels - 1)}f`

type Case = {
  readonly title: string
  readonly archive: Buffer
  /** What the error must say, beside the name of the archive. */
  readonly says: RegExp
  readonly limits?: Partial<ArchiveLimits>
}

const refused: readonly Case[] = [
  {title: 'a path with ..', archive: tarBytes([file('a/../../evil')]), says: /a\/\.\.\/\.\.\/evil: a path that leads out/},
  {title: 'a path that is ..', archive: tarBytes([folder('..')]), says: /\.\.: a path that leads out/},
  {title: 'a .. that would come back in', archive: tarBytes([file('a/../b')]), says: /a path that leads out/},
  {title: 'an absolute path', archive: tarBytes([file('/etc/evil')]), says: /\/etc\/evil: an absolute path/},
  {title: 'an absolute path by a prefix', archive: tarBytes([file('evil', {prefix: '/etc'})]), says: /\/etc\/evil: an absolute path/},
  {title: 'a .. by a prefix', archive: tarBytes([file('evil', {prefix: '..'})]), says: /a path that leads out/},
  {title: 'a .. by a PAX path', archive: tarBytes([paxBytes({path: '../evil'}), file('good')]), says: /\.\.\/evil: a path that leads out/},
  {
    title: 'a .. by a GNU long name',
    archive: tarBytes([memberBytes({name: '././@LongLink', type: 'L', content: '../evil\0'}), file('good')]),
    says: /\.\.\/evil: a path that leads out/,
  },
  {title: 'a zero byte in a PAX path', archive: tarBytes([paxBytes({path: 'a\0b'}), file('a')]), says: /a zero byte in its name/},
  {
    title: 'a link out of the archive',
    archive: tarBytes([link('app/l', '../../etc/passwd')]),
    says: /app\/l: a link that leads out.*\.\.\/\.\.\/etc\/passwd/,
  },
  {
    title: 'a link out of app/, into the rest of the archive',
    archive: tarBytes([link('app/l', '../other')]),
    says: /app\/l: a link that leads out/,
  },
  {title: 'a link to /etc', archive: tarBytes([link('l', '/etc/passwd')]), says: /l: a link that leads out/},
  {title: 'a link to a folder of a like name', archive: tarBytes([link('l', '/usrx/bin')]), says: /a link that leads out/},
  {title: 'a link that goes up from /usr', archive: tarBytes([link('l', '/usr/../etc/passwd')]), says: /a link that leads out/},
  {title: 'a link that goes up from /app', archive: tarBytes([link('l', '/app/../etc/passwd')]), says: /a link that leads out/},
  {title: 'a link to /', archive: tarBytes([link('l', '/')]), says: /a link that leads out/},
  {
    title: 'a link out by a PAX linkpath',
    archive: tarBytes([paxBytes({linkpath: '../x'}), link('l', 'good')]),
    says: /a link that leads out/,
  },
  {
    title: 'a link out by a GNU long target',
    archive: tarBytes([memberBytes({name: '././@LongLink', type: 'K', content: '../x\0'}), link('l', 'good')]),
    says: /a link that leads out/,
  },
  {
    title: 'a link that leads out over another link',
    archive: tarBytes([link('a/b/up', '../..'), link('l', 'a/b/up/../secret')]),
    says: /l: a link that leads out/,
  },
  {
    title: 'a link that leads out over one that comes later',
    archive: tarBytes([link('l', 'a/b/up/../secret'), link('a/b/up', '../..')]),
    says: /l: a link that leads out/,
  },
  {
    title: 'a link that leads out over a link into /usr',
    archive: tarBytes([link('sys', '/usr/lib'), link('l', 'sys/../../etc/shadow')]),
    says: /l: a link that leads out/,
  },
  {
    title: 'a chain of more links than the kernel follows',
    archive: tarBytes([...Array.from({length: 60}, (_, index) => link(`l${index}`, `l${index + 1}`)), file('l60')]),
    says: /a link that leads out/,
  },
  {title: 'a link without a target', archive: tarBytes([link('l', '')]), says: /a link whose target is no path/},
  {title: 'a hard link out of the archive', archive: tarBytes([hardLink('h', '../x')]), says: /h: a hard link that leads out/},
  {title: 'a hard link to an absolute path', archive: tarBytes([hardLink('h', '/etc/passwd')]), says: /h: a hard link that leads out/},
  {title: 'a hard link to nothing', archive: tarBytes([hardLink('h', 'x')]), says: /h: a hard link to what no earlier member is/},
  {
    title: 'a hard link to what comes later',
    archive: tarBytes([hardLink('h', 'x'), file('x')]),
    says: /h: a hard link to what no earlier member is/,
  },
  {
    title: 'a hard link to a folder',
    archive: tarBytes([folder('d'), hardLink('h', 'd')]),
    says: /h: a hard link to what no earlier member is/,
  },
  {
    title: 'a hard link to a link that leads out from its new place',
    archive: tarBytes([link('a/b', '../x'), hardLink('c', 'a/b')]),
    says: /c: a link that leads out/,
  },
  {title: 'a file written through a link', archive: tarBytes([link('d', 'e'), file('d/f')]), says: /d\/f: a path through a link/},
  {title: 'a folder replaced by a link', archive: tarBytes([file('d/f'), link('d', 'e')]), says: /d: in the place of a folder/},
  {title: 'a file below a file', archive: tarBytes([file('a'), file('a/b')]), says: /a\/b: a path through a file/},
  {title: 'a file in the place of a folder', archive: tarBytes([folder('a'), file('a')]), says: /a: the same path twice/},
  {
    title: 'a file in the place of a folder that is only implied',
    archive: tarBytes([file('a/b'), file('a')]),
    says: /a: in the place of a folder/,
  },
  {title: 'a folder in the place of a file', archive: tarBytes([file('a'), folder('a')]), says: /a: the same path twice/},
  {title: 'a path twice', archive: tarBytes([file('a'), file('b'), file('a')]), says: /a: the same path twice/},
  {title: 'a path twice, written in two ways', archive: tarBytes([file('a/b'), file('./a//b')]), says: /\.\/a\/\/b: the same path twice/},
  {title: 'a folder twice', archive: tarBytes([folder('a/'), folder('a')]), says: /a: the same path twice/},
  {title: 'a link twice', archive: tarBytes([link('a', 'b'), link('a', 'c')]), says: /a: the same path twice/},
  {title: 'a character device', archive: tarBytes([{name: 'd', type: '3'}]), says: /d: a device/},
  {title: 'a block device', archive: tarBytes([{name: 'd', type: '4'}]), says: /d: a device/},
  {title: 'a pipe', archive: tarBytes([{name: 'p', type: '6'}]), says: /p: a pipe/},
  {title: 'a sparse file of GNU tar', archive: tarBytes([{name: 's', type: 'S'}]), says: /s: a sparse file/},
  {title: 'a sparse file by PAX', archive: tarBytes([paxBytes({'GNU.sparse.major': '1'}), file('s')]), says: /s: a sparse file/},
  {title: 'a member of an unknown kind', archive: tarBytes([{name: 'u', type: 'Z'}]), says: /u: a member of an unknown kind \("Z"\)/},
  {title: 'a volume label', archive: tarBytes([{name: 'v', type: 'V'}, file('a')]), says: /v: a member of an unknown kind/},
  {title: 'a folder with content', archive: tarBytes([{name: 'd', type: '5', content: 'x'}]), says: /d: no file, and yet it has content/},
  {
    title: 'a link with content',
    archive: tarBytes([{name: 'l', type: '2', target: 'x', content: 'x'}]),
    says: /l: no file, and yet it has content/,
  },
  {title: 'a wrong checksum', archive: tarBytes([file('a'), file('b', {checksum: '000000\0 '})]), says: /a: a wrong checksum/},
  {title: 'a wrong checksum at the beginning', archive: tarBytes([file('a', {checksum: '000000\0 '})]), says: /it is no tar archive/},
  {title: 'a size that is no number', archive: tarBytes([file('a'), file('b', {size: '0000000000z'})]), says: /a size that is no number/},
  {title: 'a PAX size that is no number', archive: tarBytes([paxBytes({size: '-1'}), file('a')]), says: /a: a size that is no number/},
  {
    title: 'a PAX header for all members that names a path',
    archive: tarBytes([paxBytes({path: 'x'}, 'g'), file('a')]),
    says: /sets path for all members/,
  },
  {
    title: 'a PAX header that cannot be read',
    archive: tarBytes([memberBytes({name: 'p', type: 'x', content: '99 path=x\n'}), file('a')]),
    says: /cannot be read/,
  },
  {
    title: 'two PAX headers for one member',
    archive: tarBytes([paxBytes({path: 'a'}), paxBytes({path: 'b'}), file('c')]),
    says: /two headers of one kind/,
  },
  {title: 'a PAX header without a member', archive: tarBytes([file('a'), paxBytes({path: 'b'})]), says: /a: ends too early/},
  {
    title: 'a cut in the middle of a file',
    archive: tarBytes([file('a', {content: 'x'.repeat(5000)})]).subarray(0, 2048),
    says: /a: ends too early/,
  },
  {title: 'a cut between two members', archive: tarBytes([file('a'), file('b')]).subarray(0, 1024), says: /a: ends too early/},
  {title: 'a cut in the middle of a header', archive: tarBytes([file('a'), file('b')]).subarray(0, 1300), says: /a: ends too early/},
  {title: 'an end of one block', archive: tarBytes([file('a')]).subarray(0, 1536), says: /a: ends too early/},
  {
    title: 'a second archive behind the end',
    archive: Buffer.concat([tarBytes([file('a')]), tarBytes([file('../evil')])]),
    says: /a: goes on behind its end/,
  },
  {
    title: 'a member after one block of zeros',
    archive: Buffer.concat([memberBytes(file('a')), Buffer.alloc(512), tarBytes([file('b')])]),
    says: /goes on behind its end/,
  },
  {
    title: 'endless filling behind the end',
    archive: Buffer.concat([tarBytes([file('a')]), Buffer.alloc(4 * 1024 * 1024)]),
    says: /goes on behind its end/,
  },
  {
    title: 'more members than allowed',
    archive: tarBytes([file('a'), file('b'), file('c')]),
    says: /more than 2 members/,
    limits: {members: 2},
  },
  {title: 'a path that is too deep', archive: tarBytes([paxBytes({path: deep(65)}), file('x')]), says: /a path of more than 64 levels/},
  {
    title: 'a path that is too long',
    archive: tarBytes([paxBytes({path: 'ab/'.repeat(1500)}), file('a')]),
    says: /a path of more than 4096 bytes/,
  },
  {
    title: 'a name that is too long',
    archive: tarBytes([paxBytes({path: 'n'.repeat(256)}), file('a')]),
    says: /a name of more than 255 bytes/,
  },
  {
    title: 'names that are too much together',
    archive: tarBytes([file('aaaa'), file('bbbb')]),
    says: /bytes of names/,
    limits: {nameBytes: 5},
  },
  {
    title: 'a file that is too large',
    archive: tarBytes([file('a', {content: 'x'.repeat(2000)})]),
    says: /a: with it the archive unpacks to more than 1000 bytes/,
    limits: {unpackedBytes: 1000},
  },
  {
    title: 'a size beyond everything, before any content',
    archive: tarBytes([file('a', {size: '77777777777'})]),
    says: /a: with it the archive unpacks to more than/,
  },
  {
    title: 'files that are too large together',
    archive: tarBytes([file('a', {content: 'x'.repeat(600)}), file('b', {content: 'x'.repeat(600)})]),
    says: /b: with it the archive unpacks/,
    limits: {unpackedBytes: 1000},
  },
  {
    title: 'hard links that make one file many',
    archive: tarBytes([file('a', {content: 'x'.repeat(400)}), hardLink('b', 'a'), hardLink('c', 'a')]),
    says: /c: with it the archive unpacks/,
    limits: {unpackedBytes: 1000},
  },
  {
    title: 'metadata without measure',
    archive: tarBytes([memberBytes({name: 'p', type: 'x', size: 2 * 1024 * 1024}), file('a')]),
    says: /more than 1048576 bytes of names and attributes/,
  },
  {
    title: 'a gzip bomb',
    archive: gzipSync(tarBytes([file('a', {content: Buffer.alloc(3_000_000)})])),
    says: /it unpacks to more than 50 times its size/,
    limits: {ratio: 50, ratioFreeBytes: 0},
  },
  {
    title: 'a zstd bomb that its sizes give away',
    archive: zstdCompressSync(tarBytes([file('a', {content: Buffer.alloc(3_000_000)})])),
    says: /a: with it the archive unpacks to more than 1000000 bytes/,
    limits: {unpackedBytes: 1_000_000},
  },
  {title: 'no bytes', archive: Buffer.alloc(0), says: /it is empty/},
  {title: 'no members', archive: tarBytes([]), says: /it has no members/},
  {title: 'an empty name', archive: tarBytes([file('')]), says: /\(a member without a name\): an empty name/},
  {title: 'a member . that is no folder', archive: tarBytes([file('.')]), says: /\.: in the place of a folder/},
  {title: 'a member ./ that is a link', archive: tarBytes([link('./', 'x')]), says: /in the place of a folder/},
  {title: 'something that is no archive', archive: Buffer.from('hello, this is a text '.repeat(100)), says: /it is no tar archive/},
  {title: 'a short text', archive: Buffer.from('hello'), says: /it is no tar archive/},
  {title: 'xz', archive: Buffer.from('\xfd7zXZ\0 and so on', 'latin1'), says: /packed with xz/},
  {title: 'zip', archive: Buffer.from('PK\x03\x04 and so on', 'latin1'), says: /packed with zip/},
  {title: 'gzip that is cut', archive: gzipSync(tarBytes([file('a')])).subarray(0, -6), says: /is damaged/},
  {title: 'gzip with a wrong checksum', archive: flipped(gzipSync(tarBytes([file('a')])), -6), says: /is damaged/},
  {
    title: 'gzip with something behind it',
    archive: Buffer.concat([gzipSync(tarBytes([file('a')])), Buffer.from('garbage')]),
    says: /is damaged/,
  },
  {title: 'zstd that is cut', archive: zstdCompressSync(tarBytes([file('a')])).subarray(0, -3), says: /is damaged/},
  {
    title: 'zstd with something behind it',
    archive: Buffer.concat([zstdCompressSync(tarBytes([file('a')])), Buffer.from('garbage!')]),
    says: /is damaged/,
  },
]

function flipped(bytes: Buffer, at: number): Buffer {
  const index = at < 0 ? bytes.length + at : at
  bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index)
  return bytes
}

test.for(refused)('refused: $title', async ({archive, says, limits}, {folder}) => {
  writeFileSync(join(folder, 'slug.tar'), archive)
  const error = await extractArchive(join(folder, 'slug.tar'), {to: join(folder, 'out'), ...(limits === undefined ? {} : {limits})}).catch(
    thrown => thrown,
  )
  expect(error).toBeInstanceOf(HomeportError)
  expect(error).toMatchObject({code: 'ARCHIVE_REFUSED', exitCode: 4})
  expect(error.message).toMatch(/^slug\.tar is refused: .+\.$/)
  expect(error.message).toMatch(says)
  expect(error.message).not.toMatch(/[\n\0]/)
  expect(readdirSync(folder)).toEqual(['slug.tar'])
})

test('the classes above are many', () => {
  expect(refused.length).toBeGreaterThanOrEqual(50)
})

type Accepted = {
  readonly title: string
  readonly archive: Buffer
  /** Path -> content, or `-> target`, or `/` for a folder. */
  readonly gives: Readonly<Record<string, string>>
  readonly wasBelowApp?: boolean
}

const accepted: readonly Accepted[] = [
  {
    title: 'app/ is taken off when all lies below it',
    archive: tarBytes([folder('app/'), file('app/a')]),
    gives: {a: 'content'},
    wasBelowApp: true,
  },
  {title: 'as ./app too', archive: tarBytes([folder('./'), folder('./app/'), file('./app/a')]), gives: {a: 'content'}, wasBelowApp: true},
  {
    title: 'app/ stays beside others',
    archive: tarBytes([file('app/a'), file('Procfile')]),
    gives: {app: '/', 'app/a': 'content', Procfile: 'content'},
  },
  {
    title: 'a name that only begins with app',
    archive: tarBytes([file('app/a'), file('apple')]),
    gives: {app: '/', 'app/a': 'content', apple: 'content'},
  },
  {title: 'app as a file', archive: tarBytes([file('app')]), gives: {app: 'content'}},
  {title: 'folders that are only implied', archive: tarBytes([file('a/b/c')]), gives: {a: '/', 'a/b': '/', 'a/b/c': 'content'}},
  {title: 'a folder after what is in it', archive: tarBytes([file('a/b'), folder('a')]), gives: {a: '/', 'a/b': 'content'}},
  {title: 'an empty folder', archive: tarBytes([folder('a')]), gives: {a: '/'}},
  {title: 'an old file whose name ends in / is a folder', archive: tarBytes([{name: 'a/', type: '\0'}]), gives: {a: '/'}},
  {title: 'an old archive without magic', archive: tarBytes([file('a', {type: '\0', magic: '\0'})]), gives: {a: 'content'}},
  {title: 'a contiguous file', archive: tarBytes([file('a', {type: '7'})]), gives: {a: 'content'}},
  {title: 'a prefix', archive: tarBytes([file('b', {prefix: 'a'})]), gives: {a: '/', 'a/b': 'content'}},
  {title: 'a PAX path', archive: tarBytes([paxBytes({path: 'ä/b', mtime: '1.5'}), file('x')]), gives: {ä: '/', 'ä/b': 'content'}},
  {title: 'a comment of git', archive: tarBytes([paxBytes({comment: 'abc'}, 'g'), file('a')]), gives: {a: 'content'}},
  {title: 'a size in binary', archive: tarBytes([file('a', {size: `\x80${'\0'.repeat(10)}\x07`})]), gives: {a: 'content'}},
  {
    title: 'links inside, also dangling ones',
    archive: tarBytes([link('a', 'b'), link('c/d', '../e'), link('f', './g/../h')]),
    gives: {a: '-> b', c: '/', 'c/d': '-> ../e', f: '-> ./g/../h'},
  },
  {
    title: 'links to the system and to /app, word for word',
    archive: tarBytes([
      link('a', '/usr/bin/env'),
      link('b', '/app/x'),
      link('c', '/lib64/ld.so'),
      link('d', '/opt/x'),
      link('e', '/bin/sh'),
      link('f', '/lib/x'),
    ]),
    gives: {a: '-> /usr/bin/env', b: '-> /app/x', c: '-> /lib64/ld.so', d: '-> /opt/x', e: '-> /bin/sh', f: '-> /lib/x'},
  },
  {title: 'links in a circle', archive: tarBytes([link('a', 'b'), link('b', 'a')]), gives: {a: '-> b', b: '-> a'}},
  {
    title: 'a link over another link that stays inside',
    archive: tarBytes([link('a/up', '..'), link('l', 'a/up/x')]),
    gives: {a: '/', 'a/up': '-> ..', l: '-> a/up/x'},
  },
  {
    title: 'a hard link is a file of its own',
    archive: tarBytes([file('a'), hardLink('b/c', 'a')]),
    gives: {a: 'content', b: '/', 'b/c': 'content'},
  },
  {
    title: 'a hard link to a hard link',
    archive: tarBytes([file('a'), hardLink('b', './a'), hardLink('c', 'b')]),
    gives: {a: 'content', b: 'content', c: 'content'},
  },
  {title: 'a hard link to a link', archive: tarBytes([link('a', 'x'), hardLink('b', 'a')]), gives: {a: '-> x', b: '-> x'}},
  {
    title: 'filling to the size of a tape record',
    archive: Buffer.concat([tarBytes([file('a')]), Buffer.alloc(10240)]),
    gives: {a: 'content'},
  },
  {title: 'gzip', archive: gzipSync(tarBytes([file('a')])), gives: {a: 'content'}},
  {
    title: 'gzip in two parts',
    archive: Buffer.concat([gzipSync(memberBytes(file('a'))), gzipSync(tarBytes([file('b')]))]),
    gives: {a: 'content', b: 'content'},
  },
  {title: 'zstd', archive: zstdCompressSync(tarBytes([file('a')])), gives: {a: 'content'}},
  {
    title: 'zstd in many frames',
    archive: Buffer.concat([zstdCompressSync(memberBytes(file('a'))), zstdCompressSync(tarBytes([file('b')]))]),
    gives: {a: 'content', b: 'content'},
  },
  {title: 'names with blanks, quotes and new lines', archive: tarBytes([file('a \'"\n$x')]), gives: {'a \'"\n$x': 'content'}},
  {
    title: 'a path of 64 levels',
    archive: tarBytes([paxBytes({path: deep(64)}), file('x')]),
    gives: Object.fromEntries([...Array.from({length: 63}, (_, index) => [`${'d/'.repeat(index)}d`, '/']), [deep(64), 'content']]),
  },
]

test.for(accepted)('accepted: $title', async ({archive, gives, wasBelowApp = false}, {folder}) => {
  writeFileSync(join(folder, 'slug.tar'), archive)
  const extracted = await extractArchive(join(folder, 'slug.tar'), {to: join(folder, 'out')})
  expect(extracted.wasBelowApp).toBe(wasBelowApp)
  expect(readTree(join(folder, 'out'), {withFolders: true})).toEqual(gives)
})

test('modes are repaired: run bit or not, nothing else', async ({folder: place}) => {
  const modes: readonly (readonly [string, number | string, number])[] = [
    ['setuid', 0o4755, 0o755],
    ['setgid', 0o2644, 0o644],
    ['sticky', 0o1777, 0o755],
    ['closed', 0o000, 0o644],
    ['group-run', 0o654, 0o644],
    ['readonly', 0o444, 0o644],
    ['wrong', 'zzzzzzz', 0o644],
  ]
  writeFileSync(
    join(place, 'a.tar'),
    tarBytes([...modes.map(([name, mode]) => file(name, {mode, uid: 12345})), {...folder('d'), mode: 0o000}]),
  )
  await extractArchive(join(place, 'a.tar'), {to: join(place, 'out')})
  for (const [name, , mode] of modes) expect([name, statSync(join(place, 'out', name)).mode & 0o7777]).toEqual([name, mode])
  expect(statSync(join(place, 'out/d')).mode & 0o7777).toBe(0o755)
  expect(statSync(join(place, 'out/setuid')).uid).toBe(process.getuid?.())
})

test('an empty folder is filled, and stays when the archive is refused', async ({folder}) => {
  const out = join(folder, 'out')
  mkdirSync(out)
  writeFileSync(join(folder, 'bad.tar'), tarBytes([file('a'), file('../b')]))
  await expect(extractArchive(join(folder, 'bad.tar'), {to: out})).rejects.toThrow('leads out')
  expect(readdirSync(out)).toEqual([])
  writeFileSync(join(folder, 'good.tar'), tarBytes([file('a')]))
  await extractArchive(join(folder, 'good.tar'), {to: out})
  expect(readdirSync(out)).toEqual(['a'])
})

test('a large archive goes through with all its bytes', async ({folder}) => {
  const large = Buffer.alloc(9_000_000, 'some text that repeats itself, with a few numbers 0123456789 ')
  writeFileSync(join(folder, 'a.tar.gz'), gzipSync(tarBytes([file('before'), file('large', {content: large}), file('after')])))
  await extractArchive(join(folder, 'a.tar.gz'), {to: join(folder, 'out')})
  expect(readFileSync(join(folder, 'out/large')).equals(large)).toBe(true)
  expect(readdirSync(join(folder, 'out'))).toEqual(['after', 'before', 'large'])
})

test.for(['gnu', 'pax', 'ustar', 'v7', 'oldgnu'])('archives of GNU tar in the format %s are read', async (format, {folder}) => {
  const name = format === 'v7' ? 'n'.repeat(90) : `${'long/'.repeat(20)}${'n'.repeat(90)}`
  mkdirSync(join(folder, 'src', name, '..'), {recursive: true})
  writeFileSync(join(folder, 'src', name), 'content')
  execFileSync('tar', ['-cf', join(folder, 'a.tar'), `--format=${format}`, '-C', join(folder, 'src'), '.'])
  await extractArchive(join(folder, 'a.tar'), {to: join(folder, 'out')})
  expect(readFileSync(join(folder, 'out', name), 'utf8')).toBe('content')
})

test('what is no archive file is the fault of who typed it', async ({folder}) => {
  const attempt = (name: string) => extractArchive(join(folder, name), {to: join(folder, 'out')})
  await expect(attempt('nowhere.tar')).rejects.toMatchObject({code: 'FLAG_INVALID'})
  execFileSync('mkfifo', [join(folder, 'pipe')])
  mkdirSync(join(folder, 'folder'))
  await expect(attempt('folder')).rejects.toMatchObject({code: 'FLAG_INVALID'})
  expect(existsSync(join(folder, 'out'))).toBe(false)
})
