import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {expect} from 'vitest'
import {startThread} from '../../src/lib/thread.ts'
import {test} from '../support/temp-folder.ts'

const code = `require('node:worker_threads').parentPort.postMessage('from ' + require('node:path').basename(__filename))`

/** What the thread says that is started for `module.ts` in a folder with these files. */
async function answer(folder: string, files: readonly string[]): Promise<unknown> {
  for (const name of files) writeFileSync(join(folder, name), code)
  const thread = startThread(pathToFileURL(join(folder, 'module.ts')), {})
  if (thread === undefined) return undefined
  const [message] = await once(thread, 'message')
  await thread.terminate()
  return message
}

test('a module runs in a thread', async ({folder}) => {
  expect(await answer(folder, ['module.ts', 'module.js'])).toBe('from module.ts')
})

test('in a package its bundle does', async ({folder}) => {
  expect(await answer(folder, ['module.js'])).toBe('from module.js')
})

test('where neither is there, there is no thread', async ({folder}) => {
  expect(await answer(folder, [])).toBeUndefined()
})
