import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import type {BuildOptions} from '../../src/platform/build-options.ts'
import {testApp} from '../../src/platform/test-app.ts'
import {buildOptions, writeApp} from '../support/build-app.ts'
import {parseEnv, recordingBuildpack} from '../support/recording-buildpack.ts'
import {test} from '../support/temp-folder.ts'

const recorded = (folder: string, file: string) => readFileSync(join(folder, 'record', file), 'utf8')

async function prepare(folder: string, packs: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  for (const [name, scripts] of Object.entries(packs)) await recordingBuildpack(join(folder, name), join(folder, 'record'), name, {scripts})
  const {options, output, stored} = buildOptions(folder, {
    wishes: {buildpacks: Object.keys(packs).map(name => `./${name}`)},
    configVars: new Map([['TOKEN', 'from config']]),
  })
  return {app: writeApp(join(folder, 'app'), {Procfile: 'web: run\n'}), options: options satisfies BuildOptions, output, stored}
}

describe('tests as Heroku CI runs them', () => {
  test('test-compile in the place of compile, then bin/test of the last buildpack that has one; no slug is made', async ({folder}) => {
    const {app, options, stored} = await prepare(folder, {
      one: {'test-compile': 'echo built >"$1/built"', test: 'exit 9'},
      two: {test: 'cat "$1/built" "$2/TOKEN" >&2'},
      three: {compile: 'echo export THREE=3 >export'},
    })
    await testApp(app, options, {})
    expect(existsSync(join(folder, 'record/one.compile.args'))).toBe(false)
    expect(existsSync(join(folder, 'record/one.test.args'))).toBe(false)
    const [buildDir, cacheDir, envDir] = recorded(folder, 'one.test-compile.args').trimEnd().split('\n')
    expect(recorded(folder, 'two.compile.args').trimEnd().split('\n')).toEqual([buildDir, cacheDir, envDir])
    expect(recorded(folder, 'two.test.args').trimEnd().split('\n')).toEqual([buildDir, envDir])
    expect(parseEnv(recorded(folder, 'two.test.env'))).toMatchObject({CI: 'true', STACK: 'heroku-24', THREE: '3'})
    expect(parseEnv(recorded(folder, 'two.test.env'))).not.toHaveProperty('TOKEN')
    expect(stored).toEqual([])
  })

  test('the scripts of app.json run in the app with its profile and config vars, and stand in for bin/test', async ({folder}) => {
    const {app, options, output} = await prepare(folder, {
      one: {compile: 'mkdir "$1/.profile.d"; echo export GREETING=hello >"$1/.profile.d/a.sh"', test: 'exit 9'},
    })
    await testApp(app, options, {setup: 'echo "$GREETING" >made', test: 'cat made; echo "$TOKEN $CI"; test -f Procfile'})
    expect(output()).toContain('hello\nfrom config true\n')
  })

  test.for<[string, Readonly<Record<string, string>>, Parameters<typeof testApp>[2], string, string]>([
    ['bin/test fails', {test: 'exit 3'}, {}, 'CHECK_FAILED', 'bin/test of the buildpack one ended with 3.'],
    ['test of app.json fails', {}, {test: 'exit 4'}, 'CHECK_FAILED', 'test of app.json ended with 4.'],
    ['test-setup fails', {}, {setup: 'kill -9 $$', test: 'true'}, 'CHECK_FAILED', 'test-setup of app.json ended with 137.'],
    ['there is none', {}, {}, 'CHECK_FAILED', 'There is no test: no buildpack of this app has bin/test, and app.json names none.'],
    ['test-compile fails', {'test-compile': 'exit 5'}, {}, 'BUILD_FAILED', 'bin/test-compile of the buildpack one ended with 5.'],
  ])('%s: says so', async ([, scripts, named, code, message], {folder}) => {
    const {app, options} = await prepare(folder, {one: scripts})
    await expect(testApp(app, options, named)).rejects.toMatchObject({code, message})
  })
})
