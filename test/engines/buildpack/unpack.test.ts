import {createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGzip, gzipSync} from 'node:zlib'
import {Header} from 'tar'
import {describe, expect} from 'vitest'
import {archiveLimits, unpackArchive} from '../../../src/engines/buildpack/unpack.ts'
import {test} from '../../support/temp-folder.ts'

type Member = {
  path: string
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice'
  linkpath?: string
  text?: string
  size?: number
}

function tar(members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({path, type = 'File', linkpath, text = '', size}) => {
    const header = new Header({
      path,
      type,
      mode: 0o644,
      size: size ?? text.length,
      mtime: new Date(0),
      ...(linkpath === undefined ? {} : {linkpath}),
    })
    const block = Buffer.alloc(512)
    header.encode(block, 0)
    const content = Buffer.alloc(Math.ceil(text.length / 512) * 512)
    content.write(text)
    return [block, content]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

async function unpack(folder: string, members: readonly Member[]) {
  const file = join(folder, 'a.tgz')
  const into = join(folder, 'into')
  mkdirSync(into)
  await pipeline(Readable.from([gzipSync(tar(members))]), createWriteStream(file))
  return {unpacking: unpackArchive(file, into), into}
}

describe('unpackArchive', () => {
  test('lays files, folders and links out', async ({folder}) => {
    const {unpacking, into} = await unpack(folder, [
      {path: './bin/', type: 'Directory'},
      {path: './bin/compile', text: 'hello'},
      {path: 'bin/link', type: 'SymbolicLink', linkpath: 'compile'},
      {path: 'hard', type: 'Link', linkpath: 'bin/compile'},
    ])
    await unpacking
    expect([readFileSync(join(into, 'bin/link'), 'utf8'), readFileSync(join(into, 'hard'), 'utf8')]).toEqual(['hello', 'hello'])
  })

  test.for<[string, Member[]]>([
    ['a name that leads out', [{path: '../evil', text: 'x'}]],
    ['a name that leads out further in', [{path: 'a/../../evil', text: 'x'}]],
    ['an absolute name', [{path: '/tmp/evil', text: 'x'}]],
    ['a link that leads out', [{path: 'a/b', type: 'SymbolicLink', linkpath: '../../evil'}]],
    ['a link to an absolute place', [{path: 'a', type: 'SymbolicLink', linkpath: '/etc'}]],
    ['a hard link to the outside', [{path: 'a', type: 'Link', linkpath: '/etc/passwd'}]],
    [
      'a hard link to nothing yet written',
      [
        {path: 'a', type: 'Link', linkpath: 'b'},
        {path: 'b', text: 'x'},
      ],
    ],
    [
      'writing through a link',
      [
        {path: 'a', type: 'SymbolicLink', linkpath: 'b'},
        {path: 'a/c', text: 'x'},
      ],
    ],
    [
      'a path twice',
      [
        {path: 'a', text: 'x'},
        {path: './a', text: 'y'},
      ],
    ],
    [
      'a file that becomes a folder',
      [
        {path: 'a', text: 'x'},
        {path: 'a/b', text: 'y'},
      ],
    ],
    ['a pipe', [{path: 'a', type: 'FIFO'}]],
    ['a device', [{path: 'a', type: 'CharacterDevice'}]],
    ['no members', []],
    ['a size beyond the limit', [{path: 'a', size: archiveLimits.bytes + 1}]],
    ['a path that is too deep', [{path: `${'d/'.repeat(70)}f`, text: 'x'}]],
  ])('refuses %s, and writes nothing', async ([, members], {folder}) => {
    const {unpacking, into} = await unpack(folder, [{path: 'good', text: 'x'}, ...members].slice(members.length === 0 ? 1 : 0))
    await expect(unpacking).rejects.toMatchObject({code: 'ARCHIVE_REFUSED', exitCode: 4})
    expect([readdirSync(into), existsSync(join(folder, 'evil'))]).toEqual([[], false])
  })

  test('refuses a truncated one', async ({folder}) => {
    const file = join(folder, 'a.tgz')
    mkdirSync(join(folder, 'into'))
    const whole = gzipSync(tar([{path: 'a', text: 'x'.repeat(5000)}]))
    await pipeline(Readable.from([whole.subarray(0, whole.length - 20)]), createWriteStream(file))
    await expect(unpackArchive(file, join(folder, 'into'))).rejects.toMatchObject({code: 'ARCHIVE_REFUSED'})
  })

  test('stops at a bomb by what it would unpack to, long before it did', async ({folder}) => {
    const file = join(folder, 'a.tgz')
    mkdirSync(join(folder, 'into'))
    const head = tar([{path: 'bomb', size: archiveLimits.bytes + 512}]).subarray(0, 512)
    const zeros = Buffer.alloc(1024 * 1024)
    await pipeline(Readable.from([head, ...Array.from({length: 64}, () => zeros)]), createGzip(), createWriteStream(file))
    await expect(unpackArchive(file, join(folder, 'into'))).rejects.toMatchObject({code: 'ARCHIVE_REFUSED'})
  })
})
