import {spawn} from 'node:child_process'
import {fstatSync, openSync, readSync, unlinkSync} from 'node:fs'
import {constants} from 'node:os'
import {join, resolve} from 'node:path'
import {waitUntilReady} from '../../control/wait-until-ready.ts'
import {privateFolder} from '../../lib/private-folder.ts'
import {now} from '../../model/event.ts'
import {renderJson} from '../../model/event-json.ts'
import {urlsText} from '../../model/event-text.ts'
import type {Settings} from '../../model/settings.ts'
import {writeNow} from '../write.ts'
import {detachedVariable} from './detached.ts'

export type DetachOptions = {
  /** All flags and arguments of `start`, those from the environment and from files too. */
  readonly argv: readonly string[]
  readonly root: string
  readonly isJson: boolean
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
}

/** `start --detach`: starts the app in a process of its own and returns when it is ready, or with the error that it ended with. */
export async function detach({argv, root, isJson, settings, env}: DetachOptions): Promise<number> {
  const [output, report] = [openReport(settings.runtimeDir, 'out'), openReport(settings.runtimeDir, 'err')]
  const [program = '', ...self] = settings.self
  const child = spawn(program, [...self, 'start', ...argv, '--no-detach'], {
    detached: true,
    stdio: ['ignore', output, report],
    env: {...env, [detachedVariable]: '1'},
  })
  const ended = new Promise<number>((done, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => done(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
  const passOn = () => void child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, passOn)
  const ready = waitUntilReady({root: resolve(root), settings}, {seconds: Number.POSITIVE_INFINITY, pid: child.pid})
  const outcome = await Promise.race([ended, ready])
  if (typeof outcome === 'number') {
    writeNow(2, readReport(report))
    writeNow(1, readReport(output))
    return outcome
  }
  child.unref()
  writeNow(2, readReport(report))
  const {app, pid, url, httpsUrl} = outcome
  if (isJson)
    writeNow(
      1,
      renderJson({
        type: 'ready',
        time: now(),
        app,
        pid,
        ...(url === null ? {} : {url}),
        ...(httpsUrl === undefined ? {} : {httpsUrl}),
      }).toString(),
    )
  else
    writeNow(
      1,
      `${app} is ready${urlsText({url: url ?? undefined, httpsUrl})} (pid ${pid}). Follow it with \`homeport logs --tail\`, end it with \`homeport stop\`.\n`,
    )
  return 0
}

/** A file without a name, in which the process in the background leaves its warnings (err), and its error, which is on `out` with --json. */
function openReport(runtimeDir: string, stream: 'out' | 'err'): number {
  const path = join(privateFolder(runtimeDir), `start-${process.pid}.${stream}`)
  const descriptor = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  return descriptor
}

/** From its beginning: the process in the background shares our position in the file. */
function readReport(descriptor: number): string {
  const bytes = Buffer.alloc(fstatSync(descriptor).size)
  return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, 0))
}
