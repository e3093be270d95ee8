import {existsSync, mkdirSync, readFileSync, statSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import {findSocket, placeSocket, pointerFile} from '../../src/lib/socket-path.ts'
import {test} from '../support/temp-folder.ts'

/** A path of exactly that many bytes below `folder`. */
function pathOf(bytes: number, folder: string): string {
  const home = join(folder, 'ä'.repeat(20))
  const rest = bytes - Buffer.byteLength(home) - '/.sock'.length
  return join(home, `${'x'.repeat(rest)}.sock`)
}

async function listening(path: string) {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(path, resolve))
  return {
    async [Symbol.asyncDispose]() {
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test('a path of 100 bytes is used as it is', async ({folder}) => {
  const path = pathOf(100, folder)
  expect(Buffer.byteLength(path)).toBe(100)
  expect(placeSocket(path, [join(folder, 'short')])).toBe(path)
  expect(existsSync(pointerFile(path))).toBe(false)
  expect(findSocket(path)).toBeUndefined()
  await using _ = await listening(path)
  expect(findSocket(path)).toBe(path)
})

test.for([101, 200])(
  'a socket with a path of %i bytes lies in the short folder, and is found from the long path',
  async (bytes, {folder}) => {
    const path = pathOf(bytes, folder)
    const short = placeSocket(path, [join(folder, 's')])
    expect(short).toMatch(/\/s\/[0-9a-f]{16}\.sock$/)
    expect(readFileSync(pointerFile(path), 'utf8')).toBe(short)
    expect((statSync(pointerFile(path)).mode & 0o777).toString(8)).toBe('600')
    expect(findSocket(path)).toBeUndefined()
    await using _ = await listening(short)
    expect(findSocket(path)).toBe(short)
    expect(placeSocket(path, [join(folder, 's')])).toBe(short)
  },
)

test('two long paths get two sockets', ({folder}) => {
  const names = [pathOf(200, folder), pathOf(201, folder)].map(path => placeSocket(path, [join(folder, 's')]))
  expect(new Set(names).size).toBe(2)
})

test('a short folder that is too long itself is passed over', ({folder}) => {
  expect(placeSocket(pathOf(150, folder), [join(folder, 'y'.repeat(100)), join(folder, 's')])).toMatch(/\/s\/[0-9a-f]{16}\.sock$/)
})

test('an unsafe short folder is refused, to listen and to connect', ({folder}) => {
  const path = pathOf(150, folder)
  placeSocket(path, [join(folder, 's')])
  mkdirSync(join(folder, 'open'))
  expect(() => placeSocket(path, [folder.replace(/[^/]*$/, '')])).toThrow(/can be written|another user/)
})

test('nobody placed a socket: nothing is found, and nothing is made', ({folder}) => {
  expect(findSocket(join(folder, 'none/app.sock'))).toBeUndefined()
  expect(findSocket(pathOf(200, folder))).toBeUndefined()
  expect(existsSync(join(folder, 'none'))).toBe(false)
})
