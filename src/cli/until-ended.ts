import {constants} from 'node:os'
import {setImmediate} from 'node:timers/promises'
import {StdoutClosedError} from './write.ts'

/** A signal ended the command. */
export class SignalError extends Error {
  readonly exitCode: number

  constructor(signal: NodeJS.Signals) {
    super(`Ended by ${signal}.`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Does `action` until it is done; rejects earlier with SignalError when a signal asks us to end (unless the action hears
 * signals itself), or with StdoutClosedError when nobody reads our output. One more signal then ends the process on the spot.
 */
export async function untilEnded<T>(action: () => Promise<T>, {hearsSignals = false} = {}): Promise<T> {
  const {promise: ended, reject} = Promise.withResolvers<never>()
  let isEnding = false
  const onSignal = (signal: NodeJS.Signals) => {
    const error = new SignalError(signal)
    if (isEnding) process.exit(error.exitCode)
    isEnding = true
    reject(error)
  }
  const onStdoutError = (error: NodeJS.ErrnoException) => reject(error.code === 'EPIPE' ? new StdoutClosedError('', {cause: error}) : error)
  process.stdout.on('error', onStdoutError)
  if (!hearsSignals) for (const signal of endingSignals) process.on(signal, onSignal)
  return await Promise.race([withLastWrite(action), ended])
}

/** A write tells that the reader is gone one turn of the event loop later. */
async function withLastWrite<T>(action: () => Promise<T>): Promise<T> {
  const result = await action()
  await setImmediate()
  return result
}
