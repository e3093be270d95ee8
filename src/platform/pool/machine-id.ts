import {randomUUID} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {privateFolder} from '../../lib/private-folder.ts'
import type {Settings} from '../../model/settings.ts'

/** A name for this machine and this state folder that no other has, `laptop-1a2b3c4d`: who shares it shares its process ids. */
export function machineId({stateDir}: Pick<Settings, 'stateDir'>): string {
  const file = join(privateFolder(stateDir), 'machine-id')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  try {
    writeFileSync(file, `${hostname()}-${randomUUID().slice(0, 8)}\n`, {mode: 0o600, flag: 'wx'})
  } catch (error) {
    // Another homeport made it just now.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8').trim()
}
