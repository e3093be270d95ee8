import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {withOneOffSources} from '../../src/cli/run/one-off-sources.ts'
import {test} from '../support/temp-folder.ts'

test('a one-off has the Procfile and the config vars that start would take', ({folder}) => {
  writeFileSync(join(folder, '.homeport.env'), 'HOMEPORT_PROCFILE=Procfile.dev\nHOMEPORT_ENV=a.env\n')
  const words = withOneOffSources(['-d', 'echo', '--env=mine'], {root: folder}, {HOMEPORT_ENV: 'b.env,c.env'})
  expect(words).toEqual(['--procfile=Procfile.dev', '--env=b.env', '--env=c.env', '-d', 'echo', '--env=mine'])
})

test('what was typed wins', ({folder}) => {
  expect(withOneOffSources(['-e', 'x.env', '--', 'true'], {root: folder}, {HOMEPORT_ENV: 'b.env'})).toEqual(['-e', 'x.env', '--', 'true'])
})

test('what start alone does is left to it', ({folder}) => {
  const env = {HOMEPORT_DETACH: '1', HOMEPORT_TTY: 'web', HOMEPORT_SIZE: 'web=standard-2x', HOMEPORT_PORT: '80'}
  expect(withOneOffSources(['true'], {root: folder}, env)).toEqual(['true'])
})
