import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {launchFailure} from '../../../../src/engines/dyno/isolation/launch-failure.ts'
import {openDyno, outcomeOf, sandboxWays} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

test.for([
  [1, ['bwrap: setting up uid map: Permission denied'], true],
  [125, ['homeport-launch: cannot mount overlay at /sys/1: Invalid argument'], true],
  [125, ['my own text'], false],
  [1, ['Error: boom'], false],
  [0, ['bwrap: is what the app prints'], false],
  [1, ['bwrap: early', 'then more of the app'], false],
  [1, [], false],
] as const)('exit code %i after %j: failed to launch %s', ([exitCode, lastLines, failed]) => {
  expect(launchFailure({exitCode, lastLines}) !== undefined).toBe(failed)
})

test.for(sandboxWays)('a disk that cannot be mounted is a failed launch, in a $name', async (way, {folder}) => {
  mkdirSync(join(folder, 'slug'))
  const dyno = await openDyno(folder, way, {slugFolder: join(folder, 'slug'), command: 'echo ran'})
  await using _ = dyno.made
  rmSync(join(dyno.made.room.folder ?? '', way.disk === 'copy' ? 'app' : 'work'), {recursive: true, force: true})
  const {code, stdout, stderr} = await outcomeOf(dyno.start())
  expect(stdout).toBe('')
  expect(launchFailure({exitCode: code ?? 0, lastLines: stderr.trim().split('\n')}), stderr).toBeDefined()
})
