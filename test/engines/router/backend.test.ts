import {describe} from 'vitest'
import {Backend} from '../../../src/engines/router/backend.ts'
import type {RouterContext} from '../../../src/engines/router/context.ts'
import type {DynoConnection, DynoListener} from '../../../src/engines/router/dyno-connection.ts'
import {ReadBuffers} from '../../../src/engines/router/read-buffers.ts'
import {RequestIds} from '../../../src/engines/router/request-id.ts'
import {Sweep} from '../../../src/engines/router/sweep.ts'
import {platformLimits} from '../../../src/model/limits.ts'
import {routerLimits} from '../../../src/model/router-limits.ts'
import {Dyno, expect, test} from './rig.ts'

const context: RouterContext = {
  limits: platformLimits(),
  sizes: routerLimits,
  emit: () => undefined,
  sweep: new Sweep(5000),
  buffers: new ReadBuffers(),
  ids: new RequestIds(),
  unfinishedHeads: {bytes: 0},
  random: Math.random,
}

const listener: DynoListener = {
  onDynoConnected: () => undefined,
  onDynoConnectFailed: () => undefined,
  onDynoBytes: () => false,
  onDynoDrained: () => undefined,
  onDynoEnded: () => undefined,
  onDynoLost: () => undefined,
}

describe('a kept connection', () => {
  test.for([
    ['whose time is up', (connection: DynoConnection) => connection.onDeadline()],
    ['that failed', (connection: DynoConnection) => connection.socket.destroy(new Error('ECONNRESET'))],
  ] as const)('%s carries no request any more, not even in the very same turn', async ([, end], {onTestFinished}) => {
    const dyno = await Dyno.listen()
    onTestFinished(() => dyno.close())
    const backend = new Backend({name: 'web.1', host: '127.0.0.1', port: dyno.port}, context)
    const connection = await new Promise<DynoConnection>(resolve => {
      const opened = backend.connect({...listener, onDynoConnected: () => resolve(opened)}, 5000)
    })
    backend.keep(connection, 90_000)
    end(connection)
    expect(backend.takeKept(listener)).toBeUndefined()
  })
})
