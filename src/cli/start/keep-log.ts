import {logFolder} from '../../engines/log/log-folder.ts'
import {LogStore} from '../../engines/log/log-store.ts'
import type {PlatformEvent} from '../../model/event.ts'
import type {Settings} from '../../model/settings.ts'
import type {EventHub} from '../../platform/event-hub.ts'

/** Keeps what happens to an app in its log files, until disposed of; `early` is what happened before. */
export function keepLog(
  app: {readonly name: string; readonly root: string},
  hub: EventHub,
  settings: Settings,
  warn: (text: string) => void,
  early: readonly PlatformEvent[],
): AsyncDisposable {
  const store = new LogStore(logFolder(settings.stateDir, app), {app: {name: app.name, root: app.root}, warn})
  for (const event of early) store.append(event)
  const end = hub.subscribe(event => store.append(event))
  return {
    async [Symbol.asyncDispose]() {
      end()
      await store.close()
    },
  }
}
