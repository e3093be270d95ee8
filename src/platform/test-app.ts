import {randomUUID} from 'node:crypto'
import {has, runAppScript, type ScriptContext, test} from '../engines/buildpack/buildpack-scripts.ts'
import {runBuildpacks} from '../engines/buildpack/run-buildpacks.ts'
import {heading} from '../model/build-text.ts'
import {HomeportError} from '../model/error.ts'
import type {BuildOptions} from './build-options.ts'
import {atBuildSite, type BuildSite} from './build-site.ts'

/** `scripts` of app.json for the environment `test`. */
export type TestScripts = {readonly setup?: string; readonly test?: string}

/**
 * Tests the app in `folder` as Heroku CI does (platform.md d.3, e.8): `bin/test-compile` of its buildpacks, then `test-setup` and
 * `test` of app.json, or without the latter `bin/test` of the last buildpack that has one. Makes no slug. Rejects as
 * `atBuildSite` does, and with CHECK_FAILED when the tests fail or there are none.
 */
export async function testApp(folder: string, options: BuildOptions, scripts: TestScripts): Promise<void> {
  await atBuildSite(folder, options, site => runTests(site, options, scripts))
}

async function runTests(site: BuildSite, {configVars}: BuildOptions, scripts: TestScripts): Promise<void> {
  const {packs, detected, context: buildContext, source, report} = site
  const env = {
    ...buildContext.env,
    CI: 'true',
    HEROKU_TEST_RUN_ID: randomUUID(),
    HEROKU_TEST_RUN_COMMIT_VERSION: source.commit ?? '',
  }
  const context = {...buildContext, env}
  const {exports} = await runBuildpacks(packs, {context, say: report.say, onStep: report.onStep, detected, isForTests: true})
  // A test run is a dyno: it has the config vars in its environment.
  const inDyno: ScriptContext = {...context, env: {...Object.fromEntries(configVars), ...env}, exports}
  if (scripts.setup !== undefined) {
    report.say(heading('Running test-setup of app.json'))
    throwFailed('test-setup of app.json', await runAppScript(scripts.setup, inDyno))
  }
  if (scripts.test !== undefined) {
    report.say(heading('Running test of app.json'))
    return throwFailed('test of app.json', await runAppScript(scripts.test, inDyno))
  }
  for (const pack of packs.toReversed()) {
    if (!(await has(pack, 'test'))) continue
    report.say(heading(`Running bin/test of ${pack.name}`))
    return throwFailed(`bin/test of the buildpack ${pack.name}`, await test(pack, {...context, exports}))
  }
  throw new HomeportError('CHECK_FAILED', 'There is no test: no buildpack of this app has bin/test, and app.json names none.', {
    hint: 'Write `environments.test.scripts.test` into app.json, or leave --test out.',
  })
}

function throwFailed(what: string, exitCode: number): void {
  if (exitCode === 0) return
  throw new HomeportError('CHECK_FAILED', `${what} ended with ${exitCode}.`, {hint: 'Its output above says why.'})
}
