import {type ChildProcess, spawn} from 'node:child_process'
import {connect} from 'node:net'
import {Duplex} from 'node:stream'

/** Opens one connection to a service; rejects or emits `error` when nobody answers. */
export type Dial = () => Duplex

/** To a unix socket. */
export function dialSocket(path: string): Dial {
  return () => connect(path)
}

/**
 * To whatever a program talks to by its stdin and stdout, such as `ssh HOST docker system dial-stdio`. The program is killed when the
 * connection ends; what it writes to stderr becomes the connection's error when it fails.
 */
export function dialProgram(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Dial {
  return () => {
    const child = spawn(file, args, {env: {...env}, stdio: ['pipe', 'pipe', 'pipe']})
    const stream = Duplex.from({readable: child.stdout, writable: child.stdin})
    failWith(child, stream)
    return asSocket(stream)
  }
}

const maxErrorBytes = 4096

function failWith(child: ChildProcess, stream: Duplex): void {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-maxErrorBytes)
  })
  child.stdin?.on('error', () => {})
  child.on('error', error => stream.destroy(error))
  child.on('close', code => {
    if (!stream.destroyed) stream.destroy(code === 0 ? undefined : new Error(said.trim() || `The connection ended with exit code ${code}.`))
  })
  stream.on('close', () => child.kill())
}

/** node:http calls these of every socket. */
function asSocket(stream: Duplex): Duplex {
  const same = () => stream
  return Object.assign(stream, {setKeepAlive: same, setNoDelay: same, setTimeout: same, ref: same, unref: same})
}
