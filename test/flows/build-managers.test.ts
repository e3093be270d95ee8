import {execFileSync} from 'node:child_process'
import {cpSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {build} from '../../src/platform/build.ts'
import {inBuiltFolder} from '../support/built-folder.ts'
import {test} from '../support/temp-folder.ts'

/** Runs a process type of a built app to its end, as a dyno would. */
function runBuiltApp(folder: string, command: string): string {
  const script = `for file in .profile.d/*.sh; do . "$file"; done; ${command}`
  const env = {HOME: folder, PATH: '/usr/local/bin:/usr/bin:/bin'}
  return execFileSync('bash', ['--login', '-c', script], {cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']}).trim()
}

test.for([
  ['pnpm', 'pnpm 10.18.0', '2000'],
  ['yarn', 'yarn 1.22.22', '2000'],
  ['berry', 'yarn 4.10.3', '2000'],
  ['uv', 'Installing packages of uv.lock', '2.2.0'],
  ['poetry', 'Installing packages of poetry.lock', '2.2.0'],
  ['pipfile', 'Installing packages of Pipfile.lock', '2.2.0'],
] as const)('%s installs by its lock file, and again without network', {timeout: 600_000}, async ([manager, line, printed], {folder}) => {
  const app = join(folder, 'app')
  cpSync(join(import.meta.dirname, '../support/managers', manager), app, {recursive: true})
  const first = inBuiltFolder(folder)
  const {processTypes} = await build(app, first.options).catch(error => expect.unreachable(`${error}\n${first.output()}`))
  expect(first.output()).toContain(line)
  expect(runBuiltApp(first.built, processTypes['web'] ?? '')).toBe(printed)
  const second = inBuiltFolder(folder, {offline: true})
  await build(app, second.options).catch(error => expect.unreachable(`${error}\n${second.output()}`))
  expect(second.digests).toEqual(first.digests)
})
