import type {Dyno} from '../engines/dyno/dyno.ts'
import type {Room} from '../engines/dyno/isolation/isolation.ts'
import type {DynoIsolation} from '../engines/dyno/isolation/plain-folder.ts'
import {markerVariable} from '../engines/dyno/mark.ts'
import type {CommandLine} from '../model/dyno.ts'
import {HomeportError} from '../model/error.ts'

export type EnterOptions = {
  readonly isolation: DynoIsolation
  readonly room: Room | undefined
  readonly command: string | readonly string[]
  /** Of who enters, over the dyno's own: TERM. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * What to start to be inside a running dyno (platform.md c.10): its environment, its folder, its isolation, and its mark, so that
 * whatever comes of the command belongs to the dyno and ends with it. Rejects with UNKNOWN_DYNO when it has just ended.
 */
export async function enterDyno(dyno: Dyno, {isolation, room, command, env}: EnterOptions): Promise<CommandLine> {
  const processes = await dyno.processes()
  const inside = processes.find(process => !dyno.isSpared(process))
  if (room === undefined || inside === undefined) {
    throw new HomeportError('UNKNOWN_DYNO', `${dyno.spec.name} has just ended.`, {hint: 'See why with `homeport logs`.'})
  }
  const marker = dyno.environment[markerVariable] ?? ''
  const entered = isolation.enter(dyno.spec, room, {pid: inside.pid, command, env: {...dyno.spec.env, ...env, [markerVariable]: marker}})
  // The marker is looked for here by who starts it.
  return {...entered, env: {...entered.env, [markerVariable]: marker}}
}
