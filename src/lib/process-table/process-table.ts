import {procTable, readsProc} from './proc.ts'
import type {ProcessTable} from './process-info.ts'
import {psTable} from './ps.ts'

export type {Listener, ProcessInfo, ProcessTable} from './process-info.ts'

/** The reader for this machine. */
export function openProcessTable(): ProcessTable {
  return readsProc() ? procTable() : psTable()
}
