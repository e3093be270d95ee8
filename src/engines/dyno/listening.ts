import {connect} from 'node:net'
import type {ProcessTable} from '../../lib/process-table/process-table.ts'
import {pause} from '../../lib/wait.ts'

const firstPauseMs = 5
const longestPauseMs = 100
/** An app is found at most a fifth of its own start too late. */
const pauseGrowth = 1.2
const connectMs = 1_000

export type ListeningOptions = {
  /** Ends the waiting, for example at the boot timeout or when the dyno has ended. */
  readonly signal: AbortSignal
  /** Where the dyno may listen; tried in this order. */
  readonly hosts?: readonly string[]
}

/**
 * Waits until something listens on `port`, and tells the address at which it answers; undefined when `signal` came first. Asks
 * often at first, then ten times a second. An app sees one connection that is closed again without a byte: no earlier try
 * reaches it.
 */
export async function whenListening(port: number, {signal, hosts = ['127.0.0.1', '::1']}: ListeningOptions): Promise<string | undefined> {
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * pauseGrowth)) {
    for (const host of hosts) if (await accepts(host, port)) return host
    await pause(pauseMs, signal)
  }
  return undefined
}

/** The TCP ports on which these processes listen, for the R10 line: "bound to port N instead". */
export async function boundPorts(pids: readonly number[], table: ProcessTable): Promise<readonly number[]> {
  const listeners = await table.listeners(pids)
  return [...new Set(listeners.map(({port}) => port))].sort((one, other) => one - other)
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({host, port})
    const end = (isOpen: boolean) => () => {
      resolve(isOpen)
      if (isOpen) socket.unref().resume().end()
      else socket.destroy()
    }
    socket.once('connect', end(true))
    socket.on('error', end(false))
    // Also the longest time that our half-closed connection waits for the app to close its half.
    socket.setTimeout(connectMs, () => {
      resolve(false)
      socket.destroy()
    })
  })
}
