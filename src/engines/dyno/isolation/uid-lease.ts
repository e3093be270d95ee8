import {readdirSync, readFileSync, statSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {dynoUidCount, firstDynoUid, sandboxUser} from '../../../model/dyno-user.ts'
import {HomeportError} from '../../../model/error.ts'

/** A uid that no other dyno on this machine has, until it is given back. */
export type UidLease = AsyncDisposable & {readonly uid: number}

/**
 * Takes a free uid. Two homeports never get the same one: each uid is an abstract unix socket, whose name the kernel gives to
 * one process only and frees when that process ends, however it ends. A uid that processes of an earlier life still have is
 * passed over. Throws ISOLATION_UNAVAILABLE when all are taken. Linux only.
 */
export async function leaseUid(): Promise<UidLease> {
  const busy = runningUids()
  for (let uid = firstDynoUid; uid < firstDynoUid + dynoUidCount; uid++) {
    if (busy.has(uid)) continue
    const server = await claim(uid)
    if (server !== undefined) return {uid, [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve()))}
  }
  throw new HomeportError('ISOLATION_UNAVAILABLE', `All ${dynoUidCount} users that dynos can run as are taken.`, {
    hint: 'Stop apps with `homeport stop --all`, or use `--isolation sandbox`.',
  })
}

/** Whether this user namespace knows the users that dynos run as: a container may map a single one. */
export function knowsDynoUids(): boolean {
  try {
    const ranges = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n')
    return ranges.some(range => {
      const [first = 0, , count = 0] = range.trim().split(/\s+/).map(Number)
      return first <= sandboxUser.uid && first + count >= firstDynoUid + dynoUidCount
    })
  } catch {
    return false
  }
}

function claim(uid: number): Promise<Server | undefined> {
  return new Promise(resolve => {
    const server = createServer(socket => socket.destroy())
    server.once('error', () => resolve(undefined))
    server.listen(`\0homeport-uid-${uid}`, () => resolve(server))
    server.unref()
  })
}

function runningUids(): ReadonlySet<number> {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return new Set(pids.flatMap(pid => statSync(`/proc/${pid}`, {throwIfNoEntry: false})?.uid ?? []))
}
