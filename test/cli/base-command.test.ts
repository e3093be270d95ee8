import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'

const script = fileURLToPath(new URL('../support/trial-command.ts', import.meta.url))
/** As the launcher does. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/homeport', import.meta.url))

type Trial = {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly onWaiting?: (child: ReturnType<typeof spawn>) => void
}

/** Runs the trial command; `onWaiting` is called when it says that it waits. */
async function trial(args: readonly string[], {env = {}, stdin, onWaiting}: Trial = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    env: {...env, NO_COLOR: '1', NODE_COMPILE_CACHE},
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  if (stdin === undefined) child.stdin.on('error', () => {})
  else child.stdin.end(stdin)
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
    if (String(chunk).includes('waiting')) onWaiting?.(child)
  })
  const [code, signal] = await once(child, 'close')
  return {code, signal, stdout, stderr}
}

describe('the result', () => {
  test('is the document of --json, and nothing else is on stdout', async () => {
    const {code, stdout, stderr} = await trial(['--json', '-p', '80'])
    expect([code, stderr]).toEqual([0, 'cleaned up\n'])
    expect(JSON.parse(stdout)).toMatchObject({args: {}, flags: {port: 80, json: true}})
  })

  test('is not shown without --json, and none is shown when there is none', async () => {
    expect(await trial([])).toMatchObject({code: 0, stdout: ''})
    expect(await trial(['nothing', '--json'])).toMatchObject({code: 0, stdout: ''})
  })

  test('of a command that passes on an exit code is that code', async () => {
    expect(await trial(['pass-on'])).toMatchObject({code: 7, stderr: 'cleaned up\n'})
  })
})

describe('an error', () => {
  test('is text and an exit code, after which the command cleans up', async () => {
    expect(await trial(['fail'])).toEqual({
      code: 3,
      signal: null,
      stdout: '',
      stderr: ' ›   Error: No Procfile.\n ›   Write one.\ncleaned up\n',
    })
  })

  test('that is our bug has exit code 1 and a stack', async () => {
    const {code, stderr} = await trial(['bug'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/Error: A bug in Homeport: x is undefined\n[\s\S]*at .*trial-command\.ts/)
  })

  test('of the clean-up is told too', async () => {
    expect(await trial(['fail-in-clean-up'])).toMatchObject({code: 5, stderr: ' ›   Error: No room to clean up.\n'})
  })

  test('a warning has the shape of one', async () => {
    expect(await trial(['warn'])).toMatchObject({code: 0, stderr: ' ›   Warning: Watch out.\ncleaned up\n'})
  })
})

describe('a signal', () => {
  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s: the command cleans up and ends with %i', async ([signal, code]) => {
    const onWaiting: Trial['onWaiting'] = child => child.kill(signal)
    expect(await trial(['wait'], {onWaiting})).toMatchObject({code, signal: null, stderr: 'waiting\ncleaned up\n'})
  })

  test('a second one does not wait for a clean-up that hangs', async () => {
    const onWaiting: Trial['onWaiting'] = child => {
      child.kill('SIGTERM')
      const again = setInterval(() => child.kill('SIGINT'), 50)
      child.once('exit', () => clearInterval(again))
    }
    expect(await trial(['hang-in-clean-up'], {onWaiting})).toMatchObject({code: 130})
  })

  test('a reader that goes away ends it all with 141, in silence', async () => {
    const child = spawn(process.execPath, [script, 'chatter'], {env: {NODE_COMPILE_CACHE}, stdio: ['ignore', 'pipe', 'pipe']})
    child.stdout.once('data', () => child.stdout.destroy())
    const stderr: Buffer[] = []
    child.stderr.on('data', chunk => stderr.push(chunk))
    const [code] = await once(child, 'close')
    expect([code, Buffer.concat(stderr).toString()]).toEqual([141, 'cleaned up\n'])
  })
})

describe('what is typed', () => {
  test('a repeatable flag takes one word, the next is an argument', async () => {
    const {stdout} = await trial(['-e', 'a', 'web', '--env', 'b', 'more', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({args: {words: ['web', 'more']}, flags: {env: ['a', 'b']}})
  })

  test('an argument that is not there is not read from standard input', async () => {
    const {stdout} = await trial(['--json'], {stdin: 'wait\n', env: {TRIAL_ONE_ARGUMENT: '1'}})
    expect(JSON.parse(stdout).args).toEqual({})
  })

  test('flags after the first argument belong to it, in a command that passes them on', async () => {
    const env = {TRIAL_PASSES_FLAGS: '1'}
    const {stdout} = await trial(['-w', '--json', 'npm', '--json', '-p', 'x', '--', '--help'], {env})
    expect(JSON.parse(stdout)).toMatchObject({args: {words: ['npm', '--json', '-p', 'x', '--', '--help']}, flags: {watch: true}})
    expect((await trial(['npm', '--json'], {env})).stdout).toBe('')
  })

  test.for([
    [['-p', 'abc'], {}, '--port: Expected an integer but received: abc'],
    [['-p', '70000'], {}, '--port: Expected an integer less than or equal to 65535 but received: 70000'],
    [[], {HOMEPORT_PORT: 'abc'}, 'HOMEPORT_PORT: Expected an integer but received: abc'],
    [[], {TRIAL_FILE_PORT: 'abc'}, 'HOMEPORT_PORT in .homeport.env: Expected an integer but received: abc'],
  ] as const)('%j with %j is refused, and it is said where the value stands', async ([args, env, message]) => {
    const {code, stderr} = await trial(args, {env})
    expect([code, stderr]).toEqual([2, ` ›   Error: ${message}\n ›   See \`homeport trial --help\`.\n`])
  })

  test('a flag beats the shell, the shell beats the file', async () => {
    const port = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
      const {flags, port} = JSON.parse((await trial([...args, '--json'], {env})).stdout)
      return [flags.port, port]
    }
    const env = {HOMEPORT_PORT: '1', TRIAL_FILE_PORT: '2'}
    expect(await port(['-p', '0'], env)).toEqual([0, undefined])
    expect(await port([], env)).toEqual([1, 'HOMEPORT_PORT'])
    expect(await port([], {TRIAL_FILE_PORT: '2'})).toEqual([2, 'HOMEPORT_PORT in .homeport.env'])
  })
})
