import {spawn} from 'node:child_process'
import {constants} from 'node:os'
import {oneOffName} from '../../model/one-off.ts'
import {writeNow} from '../write.ts'
import {type BackgroundStart, renderBackgroundRequest} from './background-request.ts'
import type {OneOffRequest} from './run-one-off.ts'

/** `run --detach`: starts the one-off in a process of its own, which outlives us and the terminal, and says how to follow it. */
export async function detachOneOff({values, words, settings, env}: OneOffRequest): Promise<number> {
  const name = oneOffName(Math.random())
  const {detach: _, ...rest} = values
  const [program = '', ...self] = settings.self
  const child = spawn(program, [...self, 'run'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {...env, ...renderBackgroundRequest({name, words, values: rest})},
  })
  // Neither Ctrl-C nor a closed terminal reaches it by itself.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.kill('SIGTERM'))
  child.stderr.on('data', text => writeNow(2, String(text)))
  let said = ''
  child.stdout.on('data', text => {
    said += text
  })
  const failed = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
  // It says one thing, when the command runs, and then nothing more.
  const started = new Promise<undefined>(resolve => child.stdout.on('data', () => said.endsWith('\n') && resolve(undefined)))
  const exitCode = await Promise.race([started, failed])
  if (exitCode !== undefined) {
    if (values['json'] === true) writeNow(1, said)
    return exitCode
  }
  child.unref()
  child.stdout.destroy()
  child.stderr.destroy()
  const {app, command} = JSON.parse(said) as BackgroundStart
  const {pid} = child
  if (values['json'] === true) writeNow(1, `${JSON.stringify({app, dyno: name, pid}, null, 2)}\n`)
  else {
    writeNow(1, `${name} runs \`${command}\` of ${app} in the background (pid ${pid}).\n`)
    writeNow(1, `See its output with \`homeport logs --dyno ${name}\`, end it with \`kill ${pid}\`.\n`)
  }
  return 0
}
