import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** A folder for apps, an own HOMEPORT_HOME and the binary, for one benchmark. */
export class AppRig implements Disposable {
  readonly root = fileURLToPath(new URL('..', import.meta.url))
  readonly program = join(this.root, 'dist/homeport')
  readonly folder = mkdtempSync(join(tmpdir(), 'homeport-bench-'))
  /** Without a file of certificates that every Node here, ours and the peers', would read at its start. */
  readonly env = {...process.env, NODE_EXTRA_CA_CERTS: undefined, HOMEPORT_HOME: join(this.folder, 'home')}

  /** An app of one type; `concurrently` reads its command from web.sh. */
  makeApp(name: string, command: string): string {
    const app = join(this.folder, name)
    mkdirSync(app, {recursive: true})
    writeFileSync(join(app, 'Procfile'), `web: ${command}\n`)
    writeFileSync(join(app, 'web.sh'), `${command}\n`)
    return app
  }

  /** `homeport start --json` with these arguments, once `isThere` sees in its events what it waits for; they go to a file, so that nobody here reads them later. */
  async start(
    args: readonly string[],
    isThere: (events: string) => boolean,
  ): Promise<{readonly child: ChildProcess; readonly events: string}> {
    const file = join(this.folder, 'events')
    const target = openSync(file, 'w')
    const child = spawn(this.program, ['start', '-p', '0', '--json', ...args], {env: this.env, stdio: ['ignore', target, 'ignore']})
    closeSync(target)
    let events = ''
    while (!isThere(events)) {
      await new Promise(resolve => setTimeout(resolve, 20))
      events = readFileSync(file, 'utf8')
    }
    return {child, events}
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, {recursive: true, force: true})
  }
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
