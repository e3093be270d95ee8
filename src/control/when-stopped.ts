import type {RunningEntry} from '../engines/registry/running-entry.ts'
import {homeportPath} from './app-path.ts'
import {streamControl} from './client.ts'
import {whenGone} from './stop-app.ts'

/** Resolves when a running app has stopped and its process is gone, or at once when `signal` aborts. */
export async function whenStopped(app: RunningEntry, signal: AbortSignal): Promise<void> {
  try {
    const events = streamControl(app, {path: `${homeportPath(app, 'events')}?types=stopped`, signal})
    while (!(await events.next()).done) {
      // The end of the stream is what counts: the app may tell of its stop before the last lines of its log are written.
    }
  } catch {
    // Killed, or not listening any more.
  }
  if (!signal.aborted) await whenGone(app)
}
