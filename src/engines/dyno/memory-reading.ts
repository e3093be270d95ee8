import {readSharedMemory} from '../../lib/process-table/shared-memory.ts'
import type {MemoryReading} from '../../model/memory-quota.ts'
import {readCgroupMemory} from './cgroup.ts'

/** What is needed of a process to count its memory. */
export type ProcessMemory = {readonly pid: number; readonly residentBytes: number}

/**
 * What a dyno uses now: what its cgroups count, else the sum over its processes, shared pages by their share where the system
 * tells them (PSS) and whole where it does not. Undefined when it has neither.
 */
export async function readDynoMemory(cgroups: readonly string[], processes: readonly ProcessMemory[]): Promise<MemoryReading | undefined> {
  const counted = readCgroupMemory(cgroups)
  if (counted !== undefined || processes.length === 0) return counted
  const shares = await readSharedMemory(processes.map(({pid}) => pid))
  const bytes = processes.reduce((sum, {pid, residentBytes}) => sum + (shares.get(pid) ?? residentBytes), 0)
  return {usedBytes: bytes, heldBytes: bytes}
}
