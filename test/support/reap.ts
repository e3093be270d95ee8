import {reapSession} from '../../src/engines/dyno/reap.ts'
import {procTable} from '../../src/lib/process-table/proc.ts'
import {psTable} from '../../src/lib/process-table/ps.ts'

/** What the hidden command of the program does: `reap.ts proc|ps RECORD`. */
const [, , reader, record] = process.argv
await reapSession(record ?? '', reader === 'ps' ? psTable() : procTable())
