import {spawnSync} from 'node:child_process'
import {text} from 'node:stream/consumers'
import {describe, expect, onTestFinished, test} from 'vitest'
import {coveredStdio} from '../../src/lib/covered-descriptors.ts'
import {loadPty} from '../../src/lib/pty.ts'
import type {PtyProcess} from '../../src/lib/pty-process.ts'

const spawnInPty = loadPty([])
const searchPath = process.env['PATH'] ?? ''

function start(script: string, env: Readonly<Record<string, string>> = {}): PtyProcess {
  const terminal = spawnInPty({file: 'sh', args: ['-c', script], env: {PATH: searchPath, ...env}, cwd: '/', columns: 91, rows: 17})
  onTestFinished(async () => {
    try {
      process.kill(-terminal.pid, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
    await terminal.exited
    terminal.output.destroy()
  })
  return terminal
}

/** Reads as it comes, so that a test can wait for something. */
function watch({output}: PtyProcess): () => string {
  let shown = ''
  output.on('data', chunk => {
    shown += chunk
  })
  return () => shown
}

describe('a program in a terminal', () => {
  test('has its size, leads its session, and has exactly its environment and folder', async () => {
    const {output, pid} = start('tty >/dev/null && stty size; ps -o pid=,sid=,tty= -p $$; pwd; env', {A: '1'})
    const shown = await text(output)
    expect(shown).toMatch(new RegExp(`^17 91\\r\\n\\s*${pid}\\s+${pid}\\s+pts/\\d+\\r\\n/\\r\\n`))
    // sh sets PWD, OLDPWD and _ itself.
    const names = [...shown.matchAll(/^(\w+)=/gm)].map(([, name]) => name).filter(name => !/^(PWD|OLDPWD|_|SHLVL)$/.test(name ?? ''))
    expect(names.sort()).toEqual(['A', 'PATH'])
  })

  test.for([
    ['exit 0', {exitCode: 0}],
    ['exit 3', {exitCode: 3}],
    ['kill -KILL $$', {signal: 'SIGKILL'}],
    ['kill -TERM $$', {signal: 'SIGTERM'}],
    ['kill -HUP $$', {signal: 'SIGHUP'}],
  ] as const)('%s is told as what it is', async ([script, exit]) => {
    const terminal = start(script)
    terminal.output.resume()
    expect(await terminal.exited).toEqual(exit)
  })

  test('loses nothing of what it wrote before its end, however late it is read', async () => {
    const terminal = start('seq 1 3000; exit 3')
    let shown = ''
    for await (const chunk of terminal.output) {
      shown += chunk
      // Longer than node-pty would have waited after the end.
      if (shown.length < 5_000) await new Promise(resolve => setTimeout(resolve, 250))
    }
    expect(shown).toBe(Array.from({length: 3_000}, (_, index) => `${index + 1}\r\n`).join(''))
    expect(await terminal.exited).toEqual({exitCode: 3})
  })

  test('gets bytes that are no text', async () => {
    const terminal = start('stty raw -echo; echo ready; head -c 256 | od -An -tx1 -v | tr -d " \\r\\n"')
    const shown = watch(terminal)
    await expect.poll(shown).toContain('ready')
    terminal.write(Buffer.from(Array.from({length: 256}, (_, byte) => byte)))
    await expect.poll(shown).toContain(Buffer.from(Array.from({length: 256}, (_, byte) => byte)).toString('hex'))
  })

  test('Ctrl-C is a signal for what runs in it', async () => {
    const terminal = start('trap "echo caught; exit 4" INT; echo ready; while :; do sleep 0.05; done')
    const shown = watch(terminal)
    await expect.poll(shown).toContain('ready')
    terminal.write(Buffer.of(3))
    expect(await terminal.exited).toEqual({exitCode: 4})
  })

  test('is told of another size', async () => {
    const terminal = start('trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done')
    const shown = watch(terminal)
    await expect.poll(shown).toContain('ready')
    terminal.resize({columns: 40, rows: 10})
    await expect.poll(shown).toContain('10 40')
  })
})

describe('what is typed', () => {
  test('waits for a program that does not read, stops nobody meanwhile, and arrives whole', async () => {
    const terminal = start('stty raw -echo; echo ready; read -r go < "$FIFO"; head -c 300000 | cksum', {FIFO: fifo()})
    const shown = watch(terminal)
    await expect.poll(shown).toContain('ready')
    const typed = Buffer.from('0123456789'.repeat(30_000))
    const begun = performance.now()
    terminal.write(typed)
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect(terminal.isCongested).toBe(true)
    spawnSync('sh', ['-c', 'echo go > "$0"', fifo()])
    await terminal.whenClear()
    expect(terminal.isCongested).toBe(false)
    const [sum = ''] = spawnSync('cksum', {input: typed, encoding: 'utf8'}).stdout.split('\n')
    await expect.poll(shown, {timeout: 10_000}).toContain(sum)
  })

  test('is forgotten when the program ends, and who waits goes on', async () => {
    const terminal = start('stty raw -echo; echo ready; sleep 60')
    const shown = watch(terminal)
    await expect.poll(shown).toContain('ready')
    terminal.write(Buffer.alloc(300_000, 'x'))
    const isClear = terminal.whenClear()
    process.kill(terminal.pid, 'SIGKILL')
    await isClear
    await terminal.exited
    terminal.write(Buffer.from('late'))
    terminal.resize({columns: 1, rows: 1})
  })

  let path: string | undefined
  function fifo(): string {
    if (path === undefined) {
      path = spawnSync('mktemp', ['-u'], {encoding: 'utf8'}).stdout.trim()
      spawnSync('mkfifo', [path])
      const made = path
      onTestFinished(() => void spawnSync('rm', [made]))
    }
    return path
  }
})

test('children do not inherit the terminals of others', () => {
  const terminal = start('sleep 60')
  terminal.output.resume()
  const list = 'for link in /proc/self/fd/*; do readlink "$link"; done'
  const seen = (stdio: ReturnType<typeof coveredStdio>) => spawnSync('sh', ['-c', list], {stdio, encoding: 'utf8'}).stdout
  // Were it not for the cover they would.
  expect(seen(['ignore', 'pipe', 'pipe'])).toContain('/dev/ptmx')
  expect(seen(coveredStdio(['ignore', 'pipe', 'pipe']))).not.toContain('/dev/ptmx')
})
