import {Dyno} from '../../src/engines/dyno/dyno.ts'
import {openSession} from '../../src/engines/dyno/session.ts'
import {findShell, planCommandLine} from '../../src/engines/dyno/shell.ts'
import {procTable} from '../../src/lib/process-table/proc.ts'
import {psTable} from '../../src/lib/process-table/ps.ts'
import {platformLimits} from '../../src/model/limits.ts'

/**
 * A Homeport in small, to be killed: `supervisor.ts proc|ps RUNTIME_DIR DYNOS COMMAND REAPER…` opens a session, starts so
 * many dynos, and says what it has done.
 */
const [, , reader, runtimeDir = '', count = '0', command = '', ...reaper] = process.argv
const searchPath = process.env['PATH'] ?? ''
const table = reader === 'ps' ? psTable() : procTable()
const session = await openSession({runtimeDir, reaper, searchPath, dynos: Number(count), table})
session.removeAtEnd(`${runtimeDir}/control.sock`)
process.stdout.write(`session ${session.id}\n`)
for (let index = 1; index <= Number(count); index++) {
  const spec = {name: `web.${index}`, type: 'web', command, env: {PATH: searchPath}, cwd: runtimeDir}
  const emit = () => undefined
  const gate = {isCongested: false, whenClear: async () => undefined}
  const dyno = new Dyno(planCommandLine(spec, findShell(searchPath)), spec, {session, emit, gate, limits: platformLimits()})
  await dyno.start()
  process.stdout.write(`dyno ${dyno.pid}\n`)
}
process.stdout.write('started\n')
setInterval(() => undefined, 60_000)
