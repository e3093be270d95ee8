// A stand-in for `start`: an app without processes, locked, served and announced as `start` does it, in a process of its own.
// Each line on standard input is an event to tell, as JSON; `lines` of an output is text.
import {realpathSync} from 'node:fs'
import {basename} from 'node:path'
import {createInterface} from 'node:readline'
import {ownSettings} from '../../src/cli/settings.ts'
import {ControlServer} from '../../src/control/server.ts'
import {logFolder} from '../../src/engines/log/log-folder.ts'
import {LogStore} from '../../src/engines/log/log-store.ts'
import {lockFolder} from '../../src/engines/registry/folder-lock.ts'
import {placeSocket} from '../../src/lib/socket-path.ts'
import {fakeApp} from './fake-app.ts'
import {processes} from './process-reader.ts'

const settings = ownSettings()
const root = realpathSync('.')
const name = basename(root)
const lock = await lockFolder(root, {runtimeDir: settings.runtimeDir, processes})
const folder = logFolder(settings.stateDir, {name, root})
const log = new LogStore(folder, {app: {name, root}, warn: warning => process.stderr.write(`${warning}\n`)})
const fake = fakeApp(lock.folder, {name, root})
fake.hub.subscribe(event => log.append(event))
const server = new ControlServer([{...fake, logFolder: folder, control: {...fake.control, stop}}])

async function stop() {
  await log.close()
  setImmediate(async () => {
    await server.close()
    lock.release()
    process.exit(0)
  })
}

const socket = placeSocket(lock.socketPath, settings.shortRuntimeDirs)
await server.listen(socket)
const {url, startedAt} = fake.control
lock.announce({name, socket, startedAt, ...(url === undefined ? {} : {url})})
process.stdout.write('ready\n')

for await (const line of createInterface({input: process.stdin})) {
  const event = JSON.parse(line)
  fake.hub.emit(event.type === 'output' ? {...event, lines: Buffer.from(event.lines)} : event)
  process.stdout.write('told\n')
}
