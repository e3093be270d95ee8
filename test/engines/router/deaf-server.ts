import {connect, type Socket} from 'node:net'
import {Worker} from 'node:worker_threads'

/** Listens, but its event loop stands still: once its backlog is full, a connect to it gets no answer at all. */
const program = `
  const {parentPort, workerData} = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({port: 0, host: '127.0.0.1', backlog: 1}, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(workerData), 0, 0)
  })
`

/** A loopback port on which connects time out; Linux and macOS drop what does not fit into a backlog. */
export async function openDeafServer(): Promise<{port: number; close: () => Promise<void>}> {
  const gate = new SharedArrayBuffer(4)
  const worker = new Worker(program, {eval: true, workerData: gate})
  const port = await new Promise<number>(resolve => worker.once('message', resolve))
  const sockets: Socket[] = []
  for (let isFull = false; !isFull; ) {
    const socket = connect({port, host: '127.0.0.1'}).on('error', () => undefined)
    sockets.push(socket)
    isFull = await Promise.race([
      new Promise<boolean>(resolve => socket.once('connect', () => resolve(false))),
      new Promise<boolean>(resolve => setTimeout(resolve, 300, true)),
    ])
  }
  return {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      Atomics.notify(new Int32Array(gate), 0)
      await worker.terminate()
    },
  }
}
