import {execFile} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {expect} from 'vitest'
import {program} from '../support/homeport.ts'
import {canMount, mountSmallDisk} from '../support/small-disk.ts'
import {marked, test} from '../support/started.ts'

const endless = 'web: echo ready; exec sleep 600\n'

/** Runs a line of the shell in a folder; `$program` is Homeport. */
async function shell(line: string, folder: string, env: Readonly<Record<string, string>>) {
  const {PATH, HOME} = process.env
  const options = {cwd: folder, env: {PATH, HOME, program, ...env}}
  return await promisify(execFile)('sh', ['-c', line], options).then(
    ({stdout, stderr}) => ({code: 0, stdout, stderr}),
    error => error as {code: number; stdout: string; stderr: string},
  )
}

test.for([
  ['standard input', '<&-'],
  ['all three descriptors', '<&- >&- 2>&-'],
])('start with %s closed runs, and stops in order', async ([, closed], {homeports}) => {
  const root = homeports.app({Procfile: 'web: echo ready >told; exec sleep 600\n'})
  const line = `"$program" start --no-router ${closed} & until [ -s told ]; do sleep 0.05; done; kill -TERM $!; wait $!`
  const {code} = await shell(line, root, {HOMEPORT_HOME: homeports.home, MARK: root})
  expect([code, marked('MARK', root)]).toEqual([0, []])
})

test('more dynos than this user may open files for is exit 5 with the way out, at once', async ({homeports}) => {
  const root = homeports.app({Procfile: endless})
  const {code, stdout, stderr} = await shell('ulimit -n 64; "$program" start web=60 --no-router', root, {
    HOMEPORT_HOME: homeports.home,
    MARK: root,
  })
  expect([code, stdout]).toEqual([5, ''])
  expect(stderr).toContain('ulimit -n')
  expect(marked('MARK', root)).toEqual([])
})

test.runIf(canMount)(
  'a disk that is full before the start is exit 5; one that fills up costs the log, not the app',
  async ({homeports}) => {
    const root = homeports.app({
      Procfile: 'web: i=0; while [ $i -lt 5000 ]; do echo "line $i of many, many more"; i=$((i + 1)); done; exec sleep 600\n',
    })
    const disk = mountSmallDisk(join(root, 'home'), 200_000)
    try {
      const started = homeports.start(root, ['--no-router'], {env: {HOMEPORT_HOME: disk.path}})
      await started.sees('line 4999 of many')
      await started.sees('The log cannot be written, and the app goes on without it')
      started.child.kill('SIGTERM')
      expect((await started.ended).code).toBe(0)
      expect(() => writeFileSync(join(disk.path, 'filler'), Buffer.alloc(300_000))).toThrow('ENOSPC')
      const {code, stderr} = await homeports.run(['start', '--no-router'], root, {HOMEPORT_HOME: disk.path})
      expect([code, stderr]).toEqual([5, expect.stringContaining('No space is left on the disk')])
    } finally {
      disk.unmount()
    }
  },
)

test('a folder that was removed while one stood in it is no bug of ours', async ({homeports}) => {
  const root = homeports.app({Procfile: endless})
  for (const command of ['start', 'ps', 'check', 'run true']) {
    const {code, stderr} = await shell(`mkdir gone; cd gone; rmdir ../gone; exec "$program" ${command}`, root, {
      HOMEPORT_HOME: homeports.home,
    })
    expect([command, code, stderr]).toEqual([command, 2, expect.stringContaining('The current folder is gone.')])
  }
})
