import {spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'vitest'
import {openPlainRoom} from '../../src/engines/buildpack/build-room.ts'
import {build} from '../../src/platform/build.ts'
import {buildFolder} from '../../src/platform/build-lock.ts'
import {guardBuildRoom} from '../../src/platform/guard-build-room.ts'
import {buildOptions, writeApp} from '../support/build-app.ts'
import {marked, readers, reaper, test} from '../support/dynos.ts'
import {recordingBuildpack} from '../support/recording-buildpack.ts'

/** Leaves a process behind that nobody is the parent of, in a session of its own. */
function daemon(token: string): string {
  return `setsid perl -e 'fork and exit; sleep 600' ${token} >/dev/null 2>&1 </dev/null`
}

async function app(folder: string, compile: string): Promise<string> {
  await recordingBuildpack(join(folder, 'one'), join(folder, 'record'), 'one', {scripts: {compile}})
  return writeApp(join(folder, 'app'), {Procfile: 'web: x\n'})
}

test('what a buildpack left running out of reach is ended with the build', async ({openRig, folder}) => {
  const {session, token} = await openRig()
  const root = await app(folder, daemon(token))
  let alive: readonly number[] = []
  const {options} = buildOptions(folder, {
    wishes: {buildpacks: ['./one']},
    openRoom: async ({dir}) => {
      const room = guardBuildRoom(await openPlainRoom(dir), {session, dir})
      return {
        ...room,
        async endAll() {
          alive = marked(token)
          await room.endAll()
        },
      }
    },
  })
  await build(root, options)
  expect(alive).toHaveLength(1)
  expect(marked(token)).toEqual([])
})

test('a build whose Homeport is killed leaves no process and no workspace', async ({openRig, folder}) => {
  const {token} = await openRig()
  const root = await app(folder, `${daemon(token)}; touch ${folder}/started; perl -e 'sleep 600' ${token}`)
  const script = fileURLToPath(new URL('../support/build-child.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder, ...reaper(readers[0] ?? 'ps')], {stdio: 'inherit'})
  await expect.poll(() => existsSync(join(folder, 'started')), {timeout: 20_000}).toBe(true)
  expect(marked(token).length).toBeGreaterThan(1)
  child.kill('SIGKILL')
  await expect.poll(() => marked(token), {timeout: 20_000}).toEqual([])
  const workspace = join(buildFolder(root, {cacheDir: join(folder, 'home/cache')}), 'work')
  await expect.poll(() => existsSync(workspace), {timeout: 20_000}).toBe(false)
})
