import {statfsSync, statSync} from 'node:fs'
import {createServer} from 'node:net'
import {dirname} from 'node:path'
import {findTool, type Machine, readMachine} from '../engines/dyno/isolation/machine.ts'
import {type IsolationReport, isolationReport} from '../engines/dyno/isolation/report.ts'
import {privateFolder} from '../lib/private-folder.ts'
import type {Settings} from '../model/settings.ts'

/** `warning`: `start` works, something else does not or is weaker; `failed`: `start` cannot work here. */
export type Check = {readonly name: string; readonly status: 'ok' | 'warning' | 'failed'; readonly detail: string; readonly fix?: string}

export type DoctorReport = {
  readonly ok: boolean
  readonly isolation: Pick<IsolationReport, 'tier' | 'files' | 'processes' | 'network' | 'memory'>
  readonly checks: readonly Check[]
}

export type DoctorOptions = {
  /** The app's folder, whose file system is looked at. */
  readonly root: string
  readonly settings: Settings
  readonly nodeVersion: string
}

/** What works on this machine and what is enforced now (cli.md section 10). */
export async function doctor({root, settings, nodeVersion}: DoctorOptions): Promise<DoctorReport> {
  const searchPath = settings.shellEnv['PATH'] ?? ''
  const machine = readMachine({searchPath})
  const store = checkStore(settings)
  const report =
    store.status === 'failed'
      ? undefined
      : await isolationReport({machine, cacheDir: settings.cacheDir, roomsFolder: `${settings.stateDir}/rooms`})
  const checks: readonly Check[] = [
    {name: 'node', status: 'ok', detail: nodeVersion},
    checkShell(machine),
    checkGit(searchPath),
    ...(report === undefined ? [] : [...isolationChecks(report), memoryCheck(report)]),
    await checkPorts(),
    checkWatcher(root),
    checkDisk(settings.stateDir),
    checkPool(searchPath),
    store,
  ]
  const {tier, files, processes, network, memory} = report ?? unknownIsolation
  return {ok: checks.every(({status}) => status !== 'failed'), isolation: {tier, files, processes, network, memory}, checks}
}

const unknownIsolation = {tier: 'process', files: 'not tried', processes: 'not tried', network: 'not tried', memory: 'not tried'} as const

function checkShell({shell}: Machine): Check {
  if (statSync(shell.file, {throwIfNoEntry: false}) === undefined)
    return {name: 'shell', status: 'failed', detail: `${shell.file} is missing`, fix: 'install bash'}
  if (shell.isBash) return {name: 'shell', status: 'ok', detail: shell.file}
  return {name: 'shell', status: 'warning', detail: `${shell.file}; the platform runs commands with bash`, fix: 'install bash'}
}

function checkGit(searchPath: string): Check {
  const path = findTool('git', searchPath)
  if (path !== undefined) return {name: 'git', status: 'ok', detail: path}
  return {
    name: 'git',
    status: 'warning',
    detail: 'not on PATH: builds take all files of a folder, and buildpacks from git cannot be fetched',
    fix: 'install git',
  }
}

/** Only when a stronger tier is missing does a weaker one matter. */
function isolationChecks({tier, tiers}: IsolationReport): readonly Check[] {
  const needed = tiers.slice(0, tiers.findIndex(({works}) => works) + 1)
  const isWeak = tier !== 'sandbox'
  return tiers.map(({tier: name, works, detail, fix}) => {
    const status = works || !isWeak || !needed.some(other => other.tier === name) ? 'ok' : 'warning'
    return {name: `isolation ${name}`, status, detail: works ? detail : `not here: ${detail}`, ...(works || fix === undefined ? {} : {fix})}
  })
}

function memoryCheck({memory, isMemoryEnforced}: IsolationReport): Check {
  if (isMemoryEnforced) return {name: 'memory limits', status: 'ok', detail: memory}
  return {
    name: 'memory limits',
    status: 'warning',
    detail: memory,
    fix: 'systemd-run --user --scope -p Delegate=yes homeport start, or run as root',
  }
}

/** The router's usual port, on both loopback addresses. */
const usualPort = 5006

async function checkPorts(): Promise<Check> {
  const [four, six, usual] = await Promise.all([canListen('127.0.0.1', 0), canListen('::1', 0), canListen('127.0.0.1', usualPort)])
  if (!four) return {name: 'ports', status: 'failed', detail: 'nothing can listen on 127.0.0.1', fix: 'ip link set lo up'}
  const families = six ? '127.0.0.1 and ::1' : '127.0.0.1, not ::1'
  return {
    name: 'ports',
    status: 'ok',
    detail: usual ? `${families}; ${usualPort} is free` : `${families}; ${usualPort} is taken, \`start\` takes the next one`,
  }
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({host, port, exclusive: true}, () => server.close(() => resolve(true)))
  })
}

/** Kinds of file systems, by the number that statfs tells, whose changes by others send no events (findings 8). */
const silentFileSystems = new Map([
  [0x01021997, '9p'],
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x65735546, 'FUSE'],
  [0x6a656a63, 'virtiofs'],
])

function checkWatcher(root: string): Check {
  const kind = silentFileSystems.get(statfsSync(root).type)
  if (kind === undefined) return {name: 'watcher', status: 'ok', detail: '`--watch` hears of every saved file'}
  return {
    name: 'watcher',
    status: 'warning',
    detail: `${root} lies on ${kind}, which sends no events: \`--watch\` looks again and again`,
    fix: 'move the app to a disk of this machine',
  }
}

const scarceBytes = 1024 ** 3

function checkDisk(folder: string): Check {
  const {bavail, bsize} = statfsSync(nearestFolder(folder))
  const free = bavail * bsize
  const detail = `${(free / 1024 ** 3).toFixed(1)} GB free for ${folder}`
  if (free >= scarceBytes) return {name: 'disk', status: 'ok', detail}
  return {name: 'disk', status: 'warning', detail, fix: 'homeport slugs:prune'}
}

function checkStore({stateDir, cacheDir, runtimeDir}: Settings): Check {
  try {
    for (const folder of [stateDir, cacheDir, runtimeDir]) privateFolder(folder)
    return {name: 'store', status: 'ok', detail: `${stateDir} is private and can be written`}
  } catch (error) {
    return {
      name: 'store',
      status: 'failed',
      detail: error instanceof Error ? error.message : String(error),
      fix: 'set HOMEPORT_HOME to a folder of your own',
    }
  }
}

/** What `--target ec2` needs here. Whoever reads it shall know on what it was never tried. */
function checkPool(searchPath: string): Check {
  const untried = 'the pool was run on test hosts and a stand-in for AWS, never against real AWS'
  const missing = ['ssh', 'session-manager-plugin'].filter(name => findTool(name, searchPath) === undefined)
  if (missing.length === 0) return {name: 'pool', status: 'ok', detail: untried}
  return {
    name: 'pool',
    status: 'warning',
    detail: `\`--target ec2\` lacks ${missing.join(' and ')}; ${untried}`,
    fix: missing.includes('ssh')
      ? 'install OpenSSH'
      : 'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html',
  }
}

function nearestFolder(folder: string): string {
  return statSync(folder, {throwIfNoEntry: false}) === undefined ? nearestFolder(dirname(folder)) : folder
}
