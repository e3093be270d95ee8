import {readdirSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {privateFolder} from '../../lib/private-folder.ts'
import {HomeportError} from '../../model/error.ts'
import {
  type Claim,
  claimFiles,
  type FoundClaim,
  markHeld,
  readClaims,
  removeClaim,
  removeHalfFiles,
  writeClaim,
  writeEntry,
} from './claims.ts'
import {isAlive, type ProcessReader} from './is-alive.ts'
import {type RunningEntry, runtimeFolder} from './running-entry.ts'

export type LockOptions = {
  readonly runtimeDir: string
  readonly processes: ProcessReader
}

/** An app's folder, locked: no second `start` runs in it until this is released or its process ends, in whatever way. */
export type FolderLock = {
  /** The private runtime folder of this app, for its socket and pid files; goes with the lock when nothing else is left in it. */
  readonly folder: string
  /** Where the control socket should lie (see placeSocket). */
  readonly socketPath: string
  /** Tells the machine what runs here, once the control socket answers; and clears away what killed processes left elsewhere. */
  announce(app: Pick<RunningEntry, 'name' | 'socket' | 'url' | 'startedAt'>): void
  release(): void
  [Symbol.dispose](): void
}

/** How long two processes that start at the same moment may need to find out which of them goes on. */
const contestMs = 10_000

/**
 * Locks an app's folder, `root` being its real path. Rejects with ALREADY_RUNNING, naming the process and its address.
 *
 * There is no lock file that a process could die with: each process writes a claim under a name of its own, then looks. Who
 * finds no other claim of a living process has the folder. Of two that write at once at least one sees the other, since
 * both write before they look; so never do two have it. Who sees another claim withdraws, but for the one with the smallest
 * name, which waits for the others to withdraw. Claims of dead processes count for nothing, and anyone may remove them.
 */
export async function lockFolder(root: string, {runtimeDir, processes}: LockOptions): Promise<FolderLock> {
  const folder = runtimeFolder(runtimeDir, root)
  const {pid} = process
  const claim: Claim = {pid, startTime: (await processes.startTime(pid)) ?? '', realm: processes.realm}
  const deadline = performance.now() + contestMs
  let own: string | undefined
  try {
    while (performance.now() < deadline) {
      own ??= makeClaim(folder, claim)
      const others = await livingClaims(folder, {own, processes})
      const holder = others.find(({isHeld}) => isHeld)
      if (holder !== undefined) throw alreadyRunning(root, holder)
      if (own !== undefined && others.length === 0) return hold(folder, {root, own, claim, processes})
      const isFirst = own !== undefined && others.every(({id}) => id > (own ?? ''))
      if (own !== undefined && !isFirst) {
        removeClaim(folder, own)
        own = undefined
      }
      await setTimeout(isFirst ? 2 : 5 + Math.random() * 20)
    }
    throw new HomeportError('ALREADY_RUNNING', `Other processes are starting in ${root}.`, {hint: 'Look at them with `homeport status`.'})
  } catch (error) {
    if (own !== undefined) removeClaim(folder, own)
    throw error
  }
}

/** Undefined when the folder was removed at the same moment, by a process that released it. */
function makeClaim(folder: string, claim: Claim): string | undefined {
  return unlessGone(() => {
    privateFolder(folder)
    return writeClaim(folder, claim)
  })
}

async function livingClaims(folder: string, {own, processes}: {own: string | undefined; processes: ProcessReader}) {
  const living: FoundClaim[] = []
  for (const claim of unlessGone(() => readClaims(folder)) ?? []) {
    if (claim.id === own) continue
    if (await isAlive(claim, {socket: claim.entry?.socket, processes})) living.push(claim)
    else removeClaim(folder, claim.id)
  }
  return living
}

function unlessGone<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

type Held = {readonly root: string; readonly own: string; readonly claim: Claim; readonly processes: ProcessReader}

function hold(folder: string, {root, own, claim, processes}: Held): FolderLock {
  markHeld(folder, own)
  removeHalfFiles(folder)
  const release = () => removeClaim(folder, own)
  return {
    folder,
    socketPath: claimFiles(folder, own).socket,
    announce(app) {
      writeEntry(folder, own, {...app, root, ...claim})
      void removeDeadClaims(dirname(folder), {processes, except: basename(folder)})
    },
    release,
    [Symbol.dispose]: release,
  }
}

/** Removes what processes left that were killed while they held a folder: their claims, their sockets, their pid files. */
export async function sweepClaims({runtimeDir, processes}: LockOptions): Promise<void> {
  await removeDeadClaims(join(runtimeDir, 'apps'), {processes})
}

/** Looking for the living on a folder removes the claims of the dead. */
async function removeDeadClaims(apps: string, {processes, except}: {processes: ProcessReader; except?: string}): Promise<void> {
  for (const name of unlessGone(() => readdirSync(apps)) ?? []) {
    if (name !== except) await livingClaims(join(apps, name), {own: undefined, processes})
  }
}

function alreadyRunning(root: string, {pid, entry}: FoundClaim): HomeportError {
  const where = entry?.url === undefined ? `pid ${pid}` : `pid ${pid}, ${entry.url}`
  return new HomeportError('ALREADY_RUNNING', `An app already runs in ${root} (${where}).`, {
    hint: 'Look at it with `homeport ps`, follow it with `homeport logs --tail`, end it with `homeport stop`.',
  })
}
