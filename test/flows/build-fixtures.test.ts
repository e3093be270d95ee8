import {cpSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {build} from '../../src/platform/build.ts'
import {askBuiltApp} from '../support/built-app.ts'
import {inBuiltFolder} from '../support/built-folder.ts'
import {test} from '../support/temp-folder.ts'

const fixtures = join(import.meta.dirname, '../../fixtures')
const buildTimeoutMs = 600_000

describe('the fixtures', () => {
  test.for<[string, string, string, string, RegExp]>([
    ['express', 'nodejs', 'node server.js', '/', /^200 hello from express on node v24\.21\.0/],
    ['vite', 'nodejs', 'npm start', '/', /^200 <!doctype html>[\s\S]*\/assets\/index-/],
    ['flask', 'python', 'gunicorn app:app --bind 0.0.0.0:$PORT', '/', /^200 hello from flask on python 3\.13/],
    ['go', 'go', 'bin/hello', '/', /^200 hello from go1\./],
    ['maven', 'java', 'java $JAVA_OPTS -jar target/hello.jar', '/', /^200 hello from java 17\./],
  ])(
    '%s is built, answers from the folder that a slug is made of, and is the same again without network',
    {timeout: buildTimeoutMs},
    async ([name, buildpack, command, path, body], {folder}) => {
      const app = join(folder, name)
      cpSync(join(fixtures, name), app, {recursive: true})
      const first = inBuiltFolder(folder)
      const result = await build(app, first.options)
      expect(result.processTypes).toEqual({web: command})
      expect(result.buildpacks).toEqual([{name: buildpack, ref: buildpack, commit: null}])
      expect(await askBuiltApp(first.built, command, path)).toMatch(body)

      const second = inBuiltFolder(folder, {offline: true})
      await build(app, second.options).catch(error => expect.unreachable(`${error}\n${second.output()}`))
      expect(second.digests).toEqual(first.digests)
    },
  )
})

test('pages without a build are served by the server that comes along', {timeout: buildTimeoutMs}, async ({folder}) => {
  const app = join(folder, 'pages')
  cpSync(join(fixtures, 'vite/index.html'), join(app, 'index.html'))
  const {options, built} = inBuiltFolder(folder)
  const {processTypes} = await build(app, options)
  expect(await askBuiltApp(built, processTypes['web'] ?? '')).toMatch(/^200 <!doctype html>/)
  expect(await askBuiltApp(built, processTypes['web'] ?? '', '/.homeport/static/server.mjs')).toMatch(/^404/)
})
