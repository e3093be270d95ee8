import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {folderFlags} from '../../src/cli/folder-flags.ts'
import {test} from '../support/temp-folder.ts'

test('the folder is that of --root, else of HOMEPORT_ROOT', ({folder}) => {
  for (const name of ['a', 'b']) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, '.homeport.env'), `HOMEPORT_PORT=${name}`)
  }
  const port = (argv: readonly string[], root?: string) => folderFlags(argv, {HOMEPORT_ROOT: root}).homeportEnv.get('HOMEPORT_PORT')
  expect(port(['--root', join(folder, 'a')])).toBe('a')
  expect(port([`--root=${join(folder, 'a')}`, '-w'], join(folder, 'b'))).toBe('a')
  expect(port(['-w'], join(folder, 'b'))).toBe('b')
  expect(port(['--', '--root', join(folder, 'a')], join(folder, 'b'))).toBe('b')
  expect(port(['--root'], join(folder, 'b'))).toBe('b')
})
