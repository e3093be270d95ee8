import {ControlServer} from '../../control/server.ts'
import {logFolder} from '../../engines/log/log-folder.ts'
import type {FolderLock} from '../../engines/registry/folder-lock.ts'
import {placeSocket} from '../../lib/socket-path.ts'
import type {Settings} from '../../model/settings.ts'
import type {EventHub} from '../../platform/event-hub.ts'
import type {RunningApp} from '../../platform/running-app.ts'

/** Opens the control socket of an app, and tells the machine that it runs; until disposed of. */
export async function serveApp(
  running: RunningApp,
  lock: FolderLock,
  {hub, settings}: {readonly hub: EventHub; readonly settings: Settings},
): Promise<AsyncDisposable> {
  const {name, root, startedAt, url} = running
  const folder = logFolder(settings.stateDir, {name, root})
  const server = new ControlServer([{control: running, logFolder: folder, subscribe: listener => hub.subscribe(listener)}])
  const socket = placeSocket(lock.socketPath, settings.shortRuntimeDirs)
  await server.listen(socket)
  lock.announce({name, socket, startedAt, ...(url === undefined ? {} : {url})})
  return server
}
