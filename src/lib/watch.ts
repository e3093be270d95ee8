import {statfsSync} from 'node:fs'
import {relative, sep} from 'node:path'
import {watch as openWatcher} from 'chokidar'

export type WatchOptions = {
  /** Whether a path below the folder (with `/`) is left out; a folder that is left out is not looked into. */
  readonly isIgnored: (path: string) => boolean
  /** Called with the changed paths (relative, with `/`, each once) after `quietMs` without a change, at the latest after `capMs`. */
  readonly onChange: (paths: readonly string[]) => void
  readonly onError?: (error: unknown) => void
  readonly quietMs?: number
  readonly capMs?: number
  /** Look at the files again and again instead of waiting for events; by default where the file system sends none. */
  readonly usePolling?: boolean
}

export type Watcher = {readonly isPolling: boolean; close(): Promise<void>}

/** File systems that carry files of another machine, by statfs type: they send no events for what happens over there. */
const silentFileSystems = new Set([
  0x01021997, // 9p: WSL's /mnt/c
  0x6969, // NFS
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x786f4256, // VirtualBox shared folder
  0x65735546, // FUSE: Docker Desktop, sshfs
  0x6a656a63, // Docker Desktop fakeowner
])

/** Watches a folder until closed; resolves when every file there is watched. */
export async function watchFolder(root: string, options: WatchOptions): Promise<Watcher> {
  const {isIgnored, onChange, onError = () => {}, quietMs = 20, capMs = 100} = options
  const isPolling = options.usePolling ?? silentFileSystems.has(Number(statfsSync(root).type))
  const changed = gather(onChange, {quietMs, capMs})
  const within = (path: string) => relative(root, path).split(sep).join('/')
  const watcher = openWatcher(root, {
    ignoreInitial: true,
    usePolling: isPolling,
    interval: 200,
    ignored: path => {
      const name = within(path)
      return name !== '' && isIgnored(name)
    },
  })
  watcher.on('all', (event, path) => {
    if (event !== 'addDir' && event !== 'unlinkDir') changed.add(within(path))
  })
  watcher.on('error', onError)
  await new Promise<void>(resolve => watcher.once('ready', resolve))
  return {
    isPolling,
    async close() {
      changed.close()
      await watcher.close()
    },
  }
}

/** Gathers paths until nothing came for `quietMs`, but not longer than `capMs`. */
function gather(tell: (paths: readonly string[]) => void, {quietMs, capMs}: {quietMs: number; capMs: number}) {
  let paths = new Set<string>()
  let quiet: NodeJS.Timeout | undefined
  let cap: NodeJS.Timeout | undefined
  const stopTimers = () => {
    clearTimeout(quiet)
    clearTimeout(cap)
    cap = undefined
  }
  const done = () => {
    stopTimers()
    const gathered = [...paths]
    paths = new Set()
    tell(gathered)
  }
  return {
    add(path: string) {
      paths.add(path)
      clearTimeout(quiet)
      quiet = setTimeout(done, quietMs)
      cap ??= setTimeout(done, capMs)
    },
    close: stopTimers,
  }
}
