import type {SpawnInPty} from '../lib/pty.ts'
import {HomeportError} from '../model/error.ts'
import type {Settings} from '../model/settings.ts'

/** What starts programs in terminals of their own; loaded when the first is needed. Rejects with TOOL_MISSING. */
export async function loadTerminals(settings: Pick<Settings, 'cacheDir' | 'runtimeDir' | 'shortRuntimeDirs'>): Promise<SpawnInPty> {
  const {cacheDir, runtimeDir, shortRuntimeDirs} = settings
  try {
    const {loadPty} = await import('../lib/pty.ts')
    return loadPty([cacheDir, runtimeDir, ...shortRuntimeDirs])
  } catch (cause) {
    throw new HomeportError(
      'TOOL_MISSING',
      'Programs cannot be given a terminal here: the part of node-pty for this platform is missing.',
      {
        hint: 'Install Homeport again without --omit=optional, or go without a terminal: --no-tty.',
        cause,
      },
    )
  }
}
