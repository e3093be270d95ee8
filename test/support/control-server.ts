import {join} from 'node:path'
import {ControlServer} from '../../src/control/server.ts'
import {type FakeApp, fakeApp} from './fake-app.ts'
import {test as base} from './temp-folder.ts'

/** A fake app, `app`, behind a real control server, `server`, on a real socket, `socket`. */
export const test = base
  .extend('app', async ({folder}, {onCleanup}): Promise<FakeApp> => {
    const app = fakeApp(folder)
    onCleanup(() => app.log.close())
    return app
  })
  .extend('socket', async ({folder}) => join(folder, 'control.sock'))
  .extend('server', async ({app, socket}, {onCleanup}) => {
    const server = new ControlServer([app])
    await server.listen(socket)
    onCleanup(() => server.close())
    return server
  })
  .extend('callee', async ({app, socket, server: _}) => ({name: app.control.name, pid: process.pid, socket}))
