import {cpSync, readFileSync, writeFileSync} from 'node:fs'
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

test('npm installs again only when what it goes by has changed; the slug is the same either way', {timeout: buildTimeoutMs}, async ({
  folder,
}) => {
  const app = join(folder, 'express')
  cpSync(join(fixtures, 'express'), app, {recursive: true})
  const outputs: string[] = []
  const digests: string[] = []
  const buildOnce = async () => {
    const made = inBuiltFolder(folder)
    await build(app, made.options)
    outputs.push(made.output())
    digests.push(...made.digests)
  }
  await buildOnce()
  await buildOnce()
  const lock = readFileSync(join(app, 'package-lock.json'), 'utf8')
  writeFileSync(join(app, 'package-lock.json'), lock.replace('"requires": true', '"requires":  true'))
  await buildOnce()
  const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  writeFileSync(join(app, 'package.json'), JSON.stringify({...manifest, scripts: {...manifest.scripts, postinstall: 'echo ran >ran.txt'}}))
  await buildOnce()
  await buildOnce()
  expect(outputs.map(output => /Restoring node_modules/.test(output))).toEqual([false, true, false, false, false])
  expect(digests[1]).toBe(digests[0])
  expect(readFileSync(join(folder, 'built/ran.txt'), 'utf8')).toBe('ran\n')
})

test('pages without a build are served by the server that comes along', {timeout: buildTimeoutMs}, async ({folder}) => {
  const app = join(folder, 'pages')
  cpSync(join(fixtures, 'vite/index.html'), join(app, 'index.html'))
  const {options, built} = inBuiltFolder(folder)
  const {processTypes} = await build(app, options)
  expect(await askBuiltApp(built, processTypes['web'] ?? '')).toMatch(/^200 <!doctype html>/)
  expect(await askBuiltApp(built, processTypes['web'] ?? '', '/.homeport/static/server.mjs')).toMatch(/^404/)
})
