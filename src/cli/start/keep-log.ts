import {logFolder} from '../../engines/log/log-folder.ts'
import {LogStore} from '../../engines/log/log-store.ts'
import type {App} from '../../model/app.ts'
import type {PlatformEvent} from '../../model/event.ts'
import type {Settings} from '../../model/settings.ts'
import type {EventHub} from '../../platform/event-hub.ts'

export type KeepLogOptions = {
  readonly hub: EventHub
  readonly settings: Settings
  readonly warn: (text: string) => void
  /** What happened before. */
  readonly early: readonly PlatformEvent[]
}

/** Keeps what happens to an app in its log files, until disposed of. */
export function keepLog({name, root}: App, {hub, settings, warn, early}: KeepLogOptions): AsyncDisposable {
  const store = new LogStore(logFolder(settings.stateDir, {name, root}), {app: {name, root}, warn})
  for (const event of early) store.append(event)
  const end = hub.subscribe(event => store.append(event))
  return {
    async [Symbol.asyncDispose]() {
      end()
      await store.close()
    },
  }
}
