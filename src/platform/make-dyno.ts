import {readOutOfMemoryKills} from '../engines/dyno/cgroup.ts'
import {Dyno, type DynoOptions} from '../engines/dyno/dyno.ts'
import {isHelperProcess} from '../engines/dyno/isolation/helper-processes.ts'
import type {Room} from '../engines/dyno/isolation/isolation.ts'
import type {MemoryWatch} from '../engines/dyno/memory.ts'
import {readDynoMemory} from '../engines/dyno/memory-reading.ts'
import {killDynos} from '../engines/dyno/stop-dynos.ts'
import type {DynoSpec} from '../model/dyno.ts'
import type {DynoGround} from './dyno-ground.ts'

export type MakeDynoOptions = Omit<DynoOptions, 'isSpared'> & {
  readonly ground: DynoGround
  readonly memory: MemoryWatch
  readonly warn: (text: string) => void
}

export type MadeDyno = {
  readonly dyno: Dyno
  readonly room: Room
  /** Resolves when the dyno has ended and what was made for it is gone. */
  readonly removed: Promise<void>
}

/** A dyno in a room of its own, held to the memory of its size; not started yet. The room goes when the dyno has ended. */
export async function makeDyno(spec: DynoSpec, {ground, memory, warn, ...options}: MakeDynoOptions): Promise<MadeDyno> {
  const {isolation, place} = ground
  const opened = await isolation.prepare(spec, place)
  const {room} = opened
  const dyno: Dyno = new Dyno(isolation.wrap(spec, room), spec, {
    ...options,
    isSpared: process => isHelperProcess(process, dyno.pid ?? 0, isolation.helperGenerations),
  })
  const forget = spec.size === undefined ? () => {} : watchMemory(memory, dyno, {room, quotaBytes: spec.size.memoryBytes, ...options})
  const removed = dyno.ended
    .then(forget)
    .then(() => opened[Symbol.asyncDispose]())
    .catch(() => warn(`The disk of ${spec.name} could not be removed.`))
  return {dyno, room, removed}
}

type Watching = {readonly room: Room; readonly quotaBytes: number; readonly session: DynoOptions['session']}

function watchMemory(memory: MemoryWatch, dyno: Dyno, {room: {cgroups}, quotaBytes, session}: Watching): () => void {
  return memory.add({
    name: dyno.spec.name,
    quotaBytes,
    read: async () => readDynoMemory(cgroups, await dyno.processes()),
    kernelKills: () => readOutOfMemoryKills(cgroups),
    kill: () => void killDynos([dyno], session.scanner),
  })
}
