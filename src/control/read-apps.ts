import type {Settings} from '../model/settings.ts'
import type {AppStatus} from './app-status.ts'
import {callControl, readTimeoutMs} from './client.ts'
import {listRunning} from './find-running.ts'

/** What runs on this machine, all of it or by name. An app that ends meanwhile is left out. */
export async function readApps(settings: Pick<Settings, 'runtimeDir'>, name?: string): Promise<readonly AppStatus[]> {
  const running = await listRunning(settings, entry => name === undefined || entry.name === name)
  const answers = await Promise.all(
    running.map(async app => {
      try {
        return await callControl<readonly AppStatus[]>(app, {path: '/homeport/apps', timeoutMs: readTimeoutMs})
      } catch (error) {
        if (isOver(error)) return []
        throw error
      }
    }),
  )
  return answers.flat()
}

function isOver(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'APP_NOT_RUNNING'
}
