import {once} from 'node:events'
import {connect, createServer} from 'node:net'
import {expect, test} from 'vitest'
import {holdPort, whoHolds} from '../../src/lib/free-port.ts'
import {openProcessTable} from '../../src/lib/process-table/process-table.ts'

async function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer()
  const listening = new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false)).listen({port, host}, () => resolve(true))
  })
  if (!(await listening)) return false
  server.close()
  await once(server, 'close')
  return true
}

test('three hundred ports at once are all different, and none is from the range of outgoing connections', async () => {
  const held = await Promise.all(Array.from({length: 300}, holdPort))
  const ports = held.map(({port}) => port)
  expect(new Set(ports).size).toBe(300)
  expect(ports.every(port => port >= 20_000 && port < 30_000)).toBe(true)
  await Promise.all(held.map(({release}) => release()))
  const again = await Promise.all(Array.from({length: 300}, holdPort))
  await Promise.all(again.map(({release}) => release()))
  expect(again.filter(({port}) => ports.includes(port))).toEqual([])
})

test.for(['127.0.0.1', '::1', '0.0.0.0'])('a port is held on %s until it is released', async host => {
  const {port, release} = await holdPort()
  expect(await canListen(port, host)).toBe(false)
  await release()
  expect(await canListen(port, host)).toBe(true)
})

test.for(['127.0.0.1', '::1', '0.0.0.0', '::'])('a port that another holds on %s is not given', async host => {
  const {port, release} = await holdPort()
  await release()
  const server = createServer().listen({port, host})
  await once(server, 'listening')
  // Every try begins somewhere else; a chance of one in ten thousand each.
  const random = Math.random
  Math.random = () => (port - 20_000) / 10_000
  try {
    const other = await holdPort()
    expect(other.port).not.toBe(port)
    await other.release()
  } finally {
    Math.random = random
    server.close()
  }
})

test('a held port is released though somebody is connected to it', async () => {
  const {port, release} = await holdPort()
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'close')
  await release()
})

test('who holds a port is found with its program', async () => {
  const {port, release} = await holdPort()
  const holder = await whoHolds(port, openProcessTable())
  expect(holder).toMatchObject({port, pid: process.pid})
  expect(holder?.program).toBe('node')
  await release()
  expect(await whoHolds(port, openProcessTable())).toBeUndefined()
})
