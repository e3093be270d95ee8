import fc from 'fast-check'
import {expect, test} from 'vitest'
import {TarError, TarReader} from '../../src/lib/tar-reader.ts'
import {memberBytes, paxBytes, tarBytes} from '../support/tar-bytes.ts'

/** Hostile archives are in test/engines/slug/extract-archive.test.ts. */
function read(archive: Buffer, cut: (rest: number) => number = rest => rest): readonly string[] {
  const seen: string[] = []
  let content = ''
  const reader = new TarReader({
    member: ({name, kind, sizeBytes, target}) => seen.push(`${kind} ${name} ${sizeBytes} ${target}`),
    data: part => (content += part.toString('latin1')),
    memberEnd: () => {
      seen.push(content)
      content = ''
    },
  })
  for (let at = 0; at < archive.length; ) {
    const end = at + Math.max(1, cut(archive.length - at))
    reader.write(archive.subarray(at, end))
    at = end
  }
  reader.end()
  return seen
}

const archive = tarBytes([
  {name: 'folder/', type: '5'},
  {name: 'folder/file', content: 'x'.repeat(1300)},
  paxBytes({path: 'long/name', linkpath: 'a'}),
  {name: 'short', type: '2', target: 'b'},
  memberBytes({name: '././@LongLink', type: 'L', content: `${'g'.repeat(600)}\0`}),
  {name: 'gnu', content: 'end'},
  {name: 'hard', type: '1', target: 'gnu'},
])
const whole = read(archive)

test('members come in order, with their content', () => {
  expect(whole).toEqual([
    'folder folder/ 0 ',
    '',
    'file folder/file 1300 ',
    'x'.repeat(1300),
    'link long/name 0 a',
    '',
    `file ${'g'.repeat(600)} 3 `,
    'end',
    'hard-link hard 0 gnu',
    '',
  ])
})

test('parts of any size give the same', () => {
  for (const size of [1, 7, 511, 512, 513, 2000]) expect(read(archive, () => size)).toEqual(whole)
})

test('any bytes are members or a TarError, and nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 3000}), fc.nat(archive.length - 1), (junk, at) => {
      const spoilt = Buffer.from(archive)
      spoilt.set(junk.subarray(0, spoilt.length - at), at)
      for (const bytes of [Buffer.from(junk), spoilt, archive.subarray(0, at)]) {
        try {
          read(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(TarError)
        }
      }
    }),
    {numRuns: 200},
  )
})

test('an archive that is cut anywhere is not whole', () => {
  for (let length = 0; length < archive.length; length += 97) expect(() => read(archive.subarray(0, length))).toThrow(TarError)
})

test('the sum of signed bytes, as old programs made it, counts too', () => {
  const block = memberBytes({name: Buffer.from('\xe4', 'latin1')})
  let sum = 8 * 0x20
  for (const [index, byte] of block.subarray(0, 512).entries()) if (index < 148 || index > 155) sum += byte > 127 ? byte - 256 : byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  expect(read(Buffer.concat([block, Buffer.alloc(1024)]))).toEqual(['file \xe4 0 ', ''])
})
