import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type IPty, spawn} from '@lydell/node-pty'
import {expect} from 'vitest'
import {program} from './homeport.ts'

const prompt = 'OUTER$ '

/** A person at a terminal: an interactive bash in which `$HP` is the program under test. */
export class UserShell implements AsyncDisposable {
  readonly #pty: IPty
  readonly #ended: Promise<unknown>
  #shown = ''

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    const {PATH = '', HOME = ''} = process.env
    // From the first prompt on, whatever this machine's own settings are: marks of pasting would stand before each prompt.
    const INPUTRC = join(cwd, '.inputrc')
    writeFileSync(INPUTRC, 'set enable-bracketed-paste off\n')
    const all = {PATH, HOME, TERM: 'xterm', HP: program, INPUTRC, ...env}
    this.#pty = spawn('bash', ['--norc', '--noprofile', '-i'], {cols: 100, rows: 30, cwd, env: all})
    this.#pty.onData(data => {
      this.#shown += data
    })
    this.#ended = new Promise(resolve => this.#pty.onExit(resolve))
  }

  /** Ready for the first command. */
  static async open(cwd: string, env: Readonly<Record<string, string>>): Promise<UserShell> {
    const shell = new UserShell(cwd, env)
    shell.type(`PS1='${prompt}'; stty -g > modes-before\r`)
    await shell.sees(`\n${prompt}`)
    return shell
  }

  /** What was shown since the last `sees`. */
  get shown(): string {
    return this.#shown
  }

  type(text: string): void {
    this.#pty.write(text)
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows)
  }

  /** Waits until this was shown, and gives what was shown up to its end; the next look begins behind it. */
  async sees(text: string | RegExp): Promise<string> {
    const pattern = typeof text === 'string' ? new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text
    await expect.poll(() => this.#shown, {timeout: 15_000}).toMatch(pattern)
    const match = pattern.exec(this.#shown)
    const end = (match?.index ?? 0) + (match?.[0].length ?? 0)
    const seen = this.#shown.slice(0, end)
    this.#shown = this.#shown.slice(end)
    return seen
  }

  /** Waits for the prompt after a command, and gives its exit code; the terminal must be as it was in the beginning. */
  async isBack(): Promise<number> {
    await this.sees(prompt)
    this.type('echo "code=$?"; stty -g | cmp - modes-before && echo "modes are"" the same"\r')
    const seen = await this.sees(/code=(\d+)\r\n[\s\S]*OUTER\$ /)
    expect(seen).toContain('modes are the same')
    return Number(/code=(\d+)\r\n/.exec(seen)?.[1])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pty.kill('SIGHUP')
    setTimeout(() => this.#pty.kill('SIGKILL'), 2_000).unref()
    await this.#ended
  }
}
