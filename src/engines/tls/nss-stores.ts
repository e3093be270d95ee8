import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import {findProgram} from '../../lib/find-program.ts'
import {privateFolder} from '../../lib/private-folder.ts'
import {quoted} from './system-store.ts'
import type {StoreOutcome, TrustedCertificate, TrustStore} from './trust-store.ts'

export type NssOptions = {
  /** Of the user whose browsers they are. */
  readonly home: string
  readonly searchPath: string
}

const chromiumDatabases = ['.pki/nssdb', 'snap/chromium/current/.pki/nssdb']
const chromiums = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'brave-browser', 'microsoft-edge']
/** Folders with a folder for each profile. */
const firefoxFolders = [
  '.mozilla/firefox',
  'snap/firefox/common/.mozilla/firefox',
  '.var/app/org.mozilla.firefox/.mozilla/firefox',
  'Library/Application Support/Firefox/Profiles',
]

/**
 * The stores of Firefox and Chromium, which do not ask the system: one database of NSS for all Chromiums of a user, one for each
 * profile of Firefox. Chromium's is made when there is a Chromium but no database yet.
 */
export function findNssStores({home, searchPath}: NssOptions): readonly TrustStore[] {
  const isThere = (path: string) => statSync(path, {throwIfNoEntry: false}) !== undefined
  const find = (program: string) => findProgram(program, {path: searchPath, folder: '/'})
  const own = join(home, '.pki/nssdb')
  const known = chromiumDatabases.map(path => join(home, path)).filter(path => isThere(join(path, 'cert9.db')))
  const hasChromium = chromiums.some(program => find(program) !== undefined)
  const chromium = hasChromium && !known.includes(own) ? [own, ...known] : known
  const firefox = firefoxFolders
    .map(path => join(home, path))
    .flatMap(folder => foldersIn(folder))
    .filter(profile => isThere(join(profile, 'cert9.db')))
  const certutil = find('certutil')
  return [
    ...chromium.map(path => nssStore('chromium', path, certutil, searchPath)),
    ...firefox.map(path => nssStore('firefox', path, certutil, searchPath)),
  ]
}

function nssStore(name: string, path: string, certutil: string | undefined, searchPath: string): TrustStore {
  const database = `sql:${path}`
  const run = (args: readonly string[]) =>
    execa(certutil ?? 'certutil', args, {reject: false, extendEnv: false, env: {PATH: searchPath}, input: ''})
  const attempt = async (args: readonly string[]): Promise<StoreOutcome> => {
    const command = ['certutil', ...args].map(quoted).join(' ')
    if (certutil === undefined) return {status: 'by hand', command, detail: 'certutil is missing (Debian: apt-get install libnss3-tools)'}
    const {failed, stderr, shortMessage} = await run(args)
    return failed ? {status: 'by hand', command, detail: stderr.trim() || shortMessage || 'certutil failed'} : {status: 'done'}
  }
  const isKnown = async ({commonName}: TrustedCertificate) =>
    certutil !== undefined && !(await run(['-L', '-d', database, '-n', commonName])).failed
  return {
    name,
    path,
    async trust(certificate) {
      if (await isKnown(certificate)) return {status: 'unchanged'}
      const args = ['-A', '-d', database, '-t', 'C,,', '-n', certificate.commonName, '-i', certificate.file]
      try {
        if (certutil !== undefined) await makeDatabase(path, run)
      } catch (error) {
        return {status: 'by hand', command: ['certutil', ...args].map(quoted).join(' '), detail: (error as Error).message}
      }
      return await attempt(args)
    },
    async untrust(certificate) {
      const isDatabase = statSync(join(path, 'cert9.db'), {throwIfNoEntry: false}) !== undefined
      if (!isDatabase || (certutil !== undefined && !(await isKnown(certificate)))) return {status: 'unchanged'}
      return await attempt(['-D', '-d', database, '-n', certificate.commonName])
    },
  }
}

/** An empty one without a password, as Chromium itself makes it. */
async function makeDatabase(path: string, run: (args: readonly string[]) => PromiseLike<unknown>): Promise<void> {
  if (statSync(join(path, 'cert9.db'), {throwIfNoEntry: false}) !== undefined) return
  await run(['-N', '-d', `sql:${privateFolder(path)}`, '--empty-password'])
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, {withFileTypes: true}).flatMap(entry => (entry.isDirectory() ? [join(folder, entry.name)] : []))
  } catch {
    return []
  }
}
