import {type ChildProcess, type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {test as base, expect} from 'vitest'
import {homeport, program, type RunResult} from './homeport.ts'
import {UserShell} from './user-shell.ts'

const fixtures = join(import.meta.dirname, '../../fixtures')

/** `homeport start` as it runs: what it printed so far, and its end. */
export type Started = {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Both streams, in no certain order. */
  readonly log: () => string
  readonly ended: Promise<RunResult>
  /** Resolves when the log has this text. */
  sees(text: string | RegExp): Promise<void>
  readonly port: () => number
}

export type StartFixture = {
  /** HOMEPORT_HOME of the test, empty at first. */
  readonly home: string
  /** A folder for the app; its files are given, or copied from a fixture. */
  app(files: Readonly<Record<string, string>> | string, name?: string): string
  start(
    folder: string,
    args?: readonly string[],
    options?: {readonly env?: Readonly<Record<string, string>>; readonly stdout?: 'ignore'},
  ): Started
  run(args: readonly string[], folder: string, env?: Readonly<Record<string, string>>): Promise<RunResult>
  /** The program with pipes for all three streams. */
  spawn(args: readonly string[], folder: string, env?: Readonly<Record<string, string | undefined>>): ChildProcessWithoutNullStreams
  /** Somebody at a terminal in a folder. */
  shell(folder: string): Promise<UserShell>
}

/** Starts the real program in folders of its own; afterwards everything is ended, and nothing may be left in HOMEPORT_HOME's run folder. */
export const test = base.extend<{homeports: StartFixture}>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest asks for a pattern
  homeports: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'homeport-flow-'))
    const home = join(folder, 'home')
    const running: Started[] = []
    const children: ChildProcess[] = []
    const shells: UserShell[] = []
    let apps = 0
    await use({
      home,
      app(files, name = `app-${++apps}`) {
        const root = join(folder, 'apps', name)
        mkdirSync(root, {recursive: true})
        if (typeof files === 'string') cpSync(join(fixtures, files), root, {recursive: true})
        else for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text)
        return root
      },
      start(root, args = [], {env = {}, stdout = 'pipe'} = {}) {
        const started = spawnStart(root, args, {HOMEPORT_HOME: home, HOMEPORT_PORT: '0', ...env}, stdout as 'pipe')
        running.push(started)
        return started
      },
      run: (args, root, env = {}) => homeport(args, {cwd: root, env: {HOMEPORT_HOME: home, ...env}}),
      spawn(args, root, env = {}) {
        const {PATH, HOME} = process.env
        const child = spawn(program, args, {cwd: root, env: {PATH, HOME, HOMEPORT_HOME: home, ...env}, stdio: 'pipe'})
        children.push(child)
        return child
      },
      async shell(root) {
        const shell = await UserShell.open(root, {HOMEPORT_HOME: home})
        shells.push(shell)
        return shell
      },
    })
    for (const shell of shells) await shell[Symbol.asyncDispose]()
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    for (const {child, ended} of running) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
    }
    await expect.poll(() => leftIn(join(home, 'run')), {timeout: 10_000}).toEqual([])
    rmSync(folder, {recursive: true})
  },
})

/** What a run left in the runtime folder: sessions and apps, both empty after an orderly end and after a kill -9. */
function leftIn(runtimeDir: string): readonly string[] {
  const list = (name: string) => {
    try {
      return readdirSync(join(runtimeDir, name))
    } catch {
      return []
    }
  }
  return [...list('sessions'), ...list('apps').flatMap(app => list(join('apps', app)).filter(file => file.endsWith('.sock')))]
}

function spawnStart(root: string, args: readonly string[], env: Readonly<Record<string, string>>, stdout: 'pipe'): Started {
  const {PATH, HOME} = process.env
  const child = spawn(program, ['start', ...args], {cwd: root, env: {PATH, HOME, ...env}, stdio: ['ignore', stdout, 'pipe']})
  const texts = {stdout: '', stderr: ''}
  child.stdout?.on('data', data => (texts.stdout += data))
  child.stderr.on('data', data => (texts.stderr += data))
  const ended = new Promise<RunResult>(resolve => child.on('close', (code, signal) => resolve({code, signal, ...texts})))
  const log = () => texts.stdout + texts.stderr
  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    log,
    ended,
    sees: text => expect.poll(log, {timeout: 20_000}).toMatch(typeof text === 'string' ? new RegExp(literally(text)) : text),
    port: () => Number(/is ready: http:\/\/localhost:(\d+)/.exec(log())?.[1]),
  }
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Pids of the processes whose environment has this variable, which all dynos of a start inherit. */
export function marked(name: string, value: string): readonly number[] {
  const {readFileSync} = process.getBuiltinModule('node:fs')
  return readdirSync('/proc').flatMap(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${name}=${value}`)
        ? [Number(pid)]
        : []
    } catch {
      return []
    }
  })
}
