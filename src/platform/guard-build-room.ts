import type {BuildRoom} from '../engines/buildpack/build-room.ts'
import {DynoProcesses} from '../engines/dyno/dyno-processes.ts'
import {endProcesses} from '../engines/dyno/end-processes.ts'
import {markerLimit, markerVariable} from '../engines/dyno/mark.ts'
import type {Session} from '../engines/dyno/session.ts'
import type {CommandLine} from '../model/dyno.ts'

/**
 * A room whose programs carry a mark of the session: `endAll` finds what left its process group, and the session's guardian ends
 * everything, and removes `dir`, when Homeport itself is killed.
 */
export function guardBuildRoom(room: BuildRoom, {session, dir}: {readonly session: Session; readonly dir: string}): BuildRoom {
  const marker = session.newMarker()
  const processes = new DynoProcesses(marker, session.scanner.table)
  session.removeAtEnd(dir)
  return {
    pathInside: path => room.pathInside(path),
    wrap: command => withMark(room.wrap(command), marker, session.prlimit),
    async endAll() {
      await endProcesses(async () => processes.find(await session.scanner.scan()))
      await room.endAll()
    },
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]()
      session.keep(dir)
    },
  }
}

/** The same two marks as a dyno's (see `launch`). */
function withMark({file, args, env, cwd}: CommandLine, marker: string, prlimit: string | undefined): CommandLine {
  const limited = prlimit === undefined ? [] : [prlimit, `--rss=${BigInt(markerLimit(marker)) * 1024n}`, '--']
  const [program = file, ...rest] = [...limited, file, ...args]
  return {file: program, args: rest, env: {...env, [markerVariable]: marker}, cwd}
}
