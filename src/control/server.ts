import {chmodSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, type Server} from 'node:http'
import {httpDoor, upgradeDoor} from './http-door.ts'
import type {ServedApp} from './served-app.ts'
import {terminalProtocol} from './terminal-frames.ts'

const maxConnections = 1_000
/** How long a call that is being answered may go on when the server closes. */
const closeMs = 1_000

/** The API of running apps on a unix socket, until closed. */
export class ControlServer {
  readonly #server: Server
  readonly #closing = new AbortController()

  constructor(apps: readonly ServedApp[]) {
    const timeouts = {headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000}
    // Any other protocol is passed over, as HTTP says: the call is answered as if it had not asked.
    const shouldUpgradeCallback = ({headers}: IncomingMessage) => headers.upgrade === terminalProtocol
    this.#server = createServer({...timeouts, shouldUpgradeCallback}, httpDoor(apps, this.#closing.signal))
    this.#server.on('upgrade', upgradeDoor(apps, this.#closing.signal))
    this.#server.maxConnections = maxConnections
    // A connection that could not be accepted (no descriptor left) is the client's bad luck, not our end.
    this.#server.on('error', () => {})
  }

  /** Only this user may open the socket; `path` lies in a private folder (see placeSocket). What lay there is replaced. */
  async listen(path: string): Promise<void> {
    rmSync(path, {force: true})
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    chmodSync(path, 0o600)
  }

  /** Ends all streams with what they still have to tell, waits a moment for calls that are being answered, and is gone. */
  async close(): Promise<void> {
    this.#closing.abort()
    if (!this.#server.listening) return
    const limit = setTimeout(() => this.#server.closeAllConnections(), closeMs)
    // A connection that is kept for the next call is idle only once its answer is out.
    const idle = setInterval(() => this.#server.closeIdleConnections(), 10)
    await new Promise(resolve => this.#server.close(resolve))
    clearInterval(idle)
    clearTimeout(limit)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
