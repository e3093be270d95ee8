import {randomUUID} from 'node:crypto'
import {readdir, readFile, rename, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {shortHash} from '../../lib/short-hash.ts'

/** The app that a folder of log files belongs to. */
export type LoggedApp = {readonly name: string; readonly root: string}

/** Where the log of an app lies: `<stateDir>/logs/hello-0123456789abcdef`, one folder for each root. */
export function logFolder(stateDir: string, {name, root}: LoggedApp): string {
  return join(stateDir, 'logs', `${name}-${keyOf(root)}`)
}

/** The file beside the segments that says whose log it is. */
const appFile = 'app.json'

/** Writes down whose log a folder holds, unless it says so already. */
export async function nameApp(folder: string, app: LoggedApp): Promise<void> {
  if ((await readLoggedApp(folder)) !== undefined) return
  const file = join(folder, `${appFile}.${randomUUID()}`)
  await writeFile(file, `${JSON.stringify({name: app.name, root: app.root})}\n`, {mode: 0o600})
  await rename(file, join(folder, appFile))
}

/** The log of a folder, whatever runs there; undefined when it never had one. `root` is its real path. */
export async function findLogOf(stateDir: string, root: string): Promise<string | undefined> {
  const key = keyOf(root)
  return (await logFolders(stateDir)).find(folder => folder.endsWith(`-${key}`))
}

/** The apps of a name that have a log on this machine, running or not. */
export async function findLoggedApps(stateDir: string, name: string): Promise<readonly LoggedApp[]> {
  const apps = await Promise.all((await logFolders(stateDir)).map(readLoggedApp))
  return apps.filter(app => app !== undefined).filter(app => app.name === name)
}

async function logFolders(stateDir: string): Promise<readonly string[]> {
  const folder = join(stateDir, 'logs')
  const names = await readdir(folder).catch(() => [])
  return names.map(name => join(folder, name))
}

function keyOf(root: string): string {
  return shortHash(root)
}

async function readLoggedApp(folder: string): Promise<LoggedApp | undefined> {
  try {
    const {name, root} = JSON.parse(await readFile(join(folder, appFile), 'utf8'))
    return typeof name === 'string' && typeof root === 'string' ? {name, root} : undefined
  } catch {
    return undefined
  }
}

/** One file of a log; the newest has the highest number. */
export type Segment = {readonly number: number; readonly path: string}

/** The files of a log, oldest first; none when there is no such folder. */
export async function listSegments(folder: string): Promise<readonly Segment[]> {
  const names = await readdir(folder).catch(error => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .flatMap(name => {
      const digits = /^(\d{8})\.log$/.exec(name)?.[1]
      return digits === undefined ? [] : [segment(folder, Number(digits))]
    })
    .sort((a, b) => a.number - b.number)
}

export function segment(folder: string, number: number): Segment {
  return {number, path: join(folder, `${String(number).padStart(8, '0')}.log`)}
}
