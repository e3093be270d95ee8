import {execFileSync, spawn} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {expect, onTestFinished} from 'vitest'
import {bootScript, healthScript, leaveMs, leaveSignal, renderConfigFile} from '../../../src/engines/pool/boot-script.ts'
import {test} from '../../support/temp-folder.ts'

const env = {PATH: process.env['PATH'] ?? '', PORT: '5000', DYNO: 'web.1', PS: 'web.1'}
const boot = (home: string, words: readonly string[]) => {
  try {
    return {code: 0, out: execFileSync('bash', ['-c', bootScript, 'homeport', ...words], {env: {...env, HOME: home}, encoding: 'utf8'})}
  } catch (error) {
    const {status, stdout} = error as {status: number; stdout: string}
    return {code: status, out: stdout}
  }
}

test('config vars are set again as they are, whatever is in them', ({folder}) => {
  const values = new Map([
    ['A', "it's"],
    ['B', '$HOME `x` "q" \\ \n two'],
    ['C', ''],
    ['D', "''"],
  ])
  writeFileSync(join(folder, 'config'), renderConfigFile(values))
  const out = execFileSync('bash', ['-c', '. ./config; printf "%s\\0" "$A" "$B" "$C" "$D"'], {cwd: folder, encoding: 'utf8'})
  expect(out.split('\0').slice(0, -1)).toEqual([...values.values()])
})

test('sources .profile.d in order, then .profile, and runs the command', ({folder}) => {
  mkdirSync(join(folder, '.profile.d'))
  writeFileSync(join(folder, '.profile.d', 'b.sh'), 'X="$X b"')
  writeFileSync(join(folder, '.profile.d', 'a.sh'), 'export X=a')
  writeFileSync(join(folder, '.profile'), 'X="$X p"')
  expect(boot(folder, ['echo "$X $PORT $DYNO" && pwd']).out).toBe(`a b p 5000 web.1\n${folder}\n`)
})

test.for<[words: readonly string[], code: number, out: string]>([
  [['exit 7'], 7, ''],
  [['kill -TERM $$'], 143, ''],
  [['no-such-program 2>/dev/null'], 127, ''],
  [['', 'printf', '%s|', 'a b', '$X'], 0, 'a b|$X|'],
])('%j: exit code %i', ([words, code, out], {folder}) => {
  expect(boot(folder, words)).toEqual({code, out})
})

/** Answers with `status` and `body` until the test is over. */
async function health(status: number, body: string, args: readonly string[]): Promise<{code: number | null; out: string}> {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  // In a container it kills the dyno in the end; here the marker files would be shared, and there is no container.
  const script = healthScript.replaceAll('/dev/shm/', './').replaceAll('kill -KILL -1', 'echo killed').replaceAll('>/proc/1/fd/1', '>&1')
  const child = spawn('bash', ['-c', script, 'health', args[0] === 'closed' ? '1' : String(port), ...args.slice(1)], {
    env: {...env, HOSTNAME: '127.0.0.1'},
    cwd: args[0] === 'closed' ? '/' : args[0],
  })
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  server.close()
  return {code, out}
}

test('a web dyno is up when it listens, if there is no check', async ({folder}) => {
  expect(await health(500, '', [folder, '', '', '3'])).toEqual({code: 0, out: ''})
  expect(await health(500, '', ['closed', '', '', '3'])).toEqual({code: 1, out: 'nothing listens on port 1\n'})
})

test('with a check it must answer as it should, and is then left alone', async ({folder}) => {
  expect(await health(200, 'all good', [folder, '/health', 'good', '3'])).toEqual({code: 0, out: ''})
  expect((await health(500, '', [folder, '/health', '', '3'])).code).toBe(0)
})

test('wrong answers as often as it has attempts: killed, with the reason in its log', async ({folder}) => {
  const args = [folder, '/health', 'good', '2']
  expect(await health(500, 'good', args)).toEqual({code: 1, out: 'GET /health was answered 500\n'})
  const last = await health(200, 'bad', args)
  expect(last.code).toBe(1)
  expect(last.out).toContain('Health check failed: GET /health lacks the text that it should have, 2 times\nkilled')
})

test('a dyno that is routed to gets its SIGTERM only after the routers have taken it out', async ({folder}) => {
  // In a container to all of its processes; here to those of a process group.
  const script = bootScript.replace('kill -TERM -1', 'kill -TERM 0')
  const command = `trap 'echo "term $EPOCHREALTIME"; exit 0' TERM; echo "up $EPOCHREALTIME"; while :; do sleep 0.02; done`
  const child = spawn('bash', ['-c', script, 'homeport', command], {
    env: {...env, HOME: folder},
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  onTestFinished(() => void process.kill(-(child.pid ?? 0), 'SIGKILL'))
  await expect.poll(() => out).toContain('up ')
  const asked = Date.now()
  // As the container's init does: to the whole group. The program's own processes do not care.
  process.kill(-(child.pid ?? 0), leaveSignal)
  // It then waits for the last process that it can see: in a container its own ones, here those of the machine.
  await expect.poll(() => out, {timeout: 15_000}).toContain('term ')
  expect(Number(/term ([\d.]+)/.exec(out)?.[1]) * 1000 - asked).toBeGreaterThanOrEqual(leaveMs - 50)
})
