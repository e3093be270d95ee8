import {type ChildProcess, spawn} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {homeport, type RunResult} from './homeport.ts'
import {test as base} from './temp-folder.ts'

const fakeStart = fileURLToPath(new URL('fake-start.ts', import.meta.url))

export type RunningApp = {
  readonly pid: number
  readonly root: string
  /** Makes the app tell an event; resolves when it did. `lines` of an output is text. */
  tell(event: Readonly<Record<string, unknown>>): Promise<void>
  readonly exited: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/**
 * Tests with a HOMEPORT_HOME of their own: `start` runs an app without processes in a folder, `run` the program in one.
 * What still runs at the end is killed.
 */
export const test = base
  .extend('home', async ({folder}) => join(folder, 'home'))
  .extend('start', async ({folder, home}, {onCleanup}) => {
    const children: ChildProcess[] = []
    onCleanup(() => {
      for (const child of children) child.kill('SIGKILL')
    })
    return async (name = 'hello'): Promise<RunningApp> => {
      const root = join(folder, name)
      mkdirSync(root, {recursive: true})
      const child = spawn(process.execPath, [fakeStart], {
        cwd: root,
        env: {...process.env, HOMEPORT_HOME: home},
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      children.push(child)
      const answers = createInterface({input: child.stdout})[Symbol.asyncIterator]()
      await answers.next()
      return {
        pid: child.pid ?? 0,
        root,
        async tell(event) {
          child.stdin.write(`${JSON.stringify(event)}\n`)
          await answers.next()
        },
        exited: new Promise(resolve => child.once('exit', resolve)),
        kill: signal => child.kill(signal),
      }
    }
  })
  .extend('run', async ({folder, home}) => {
    return (
      argv: readonly string[],
      {cwd = 'hello', env = {}}: {cwd?: string; env?: Readonly<Record<string, string>>} = {},
    ): Promise<RunResult> => {
      mkdirSync(join(folder, cwd), {recursive: true})
      return homeport(argv, {cwd: join(folder, cwd), env: {HOMEPORT_HOME: home, ...env}})
    }
  })
