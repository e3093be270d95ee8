import {mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {test as base} from 'vitest'

/** A test with a folder of its own, `folder`, that is gone afterwards. Vitest wants to see the first argument taken apart. */
export const test = base.extend('folder', async ({task: _}, {onCleanup}) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeport-test-')))
  onCleanup(() => rmSync(folder, {recursive: true, force: true}))
  return folder
})
