import {spawn} from 'node:child_process'
import type {AddressInfo} from 'node:net'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {until} from '../until.ts'
import {cacheFolder} from './rig.ts'

/** What clients of AWS take for credentials in tests. */
export const motoEnv = {AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1'} as const

/** A stand-in for AWS on an address of its own. What it answers wrongly is listed in findings 9.5 and tested without it. */
export class Moto {
  readonly endpoint: string
  readonly #stop: () => Promise<void>

  private constructor(endpoint: string, stop: () => Promise<void>) {
    this.endpoint = endpoint
    this.#stop = stop
  }

  static async start(address = '127.0.0.1'): Promise<Moto> {
    const port = await freePort(address)
    const child = spawn(join(cacheFolder(), 'moto-5.2.5/bin/moto_server'), ['-H', address, '-p', String(port)], {stdio: 'ignore'})
    const ended = new Promise<void>(resolve => child.on('close', () => resolve()))
    const endpoint = `http://${address}:${port}`
    await until('moto to answer', () =>
      fetch(`${endpoint}/moto-api/`).then(
        response => response.ok,
        () => false,
      ),
    )
    return new Moto(endpoint, async () => {
      child.kill()
      await ended
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }
}

async function freePort(address: string): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  const {port} = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
