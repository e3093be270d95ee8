import {readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import type {StoreOutcome, TrustedCertificate, TrustStore} from './trust-store.ts'

/** How a kind of system keeps its anchors: a folder for files of the machine's own, and the program that takes them in. */
type AnchorStyle = {
  readonly folder: string
  readonly update: Command /** After one was taken away, where that is another thing. */
  readonly refresh?: Command
}

type Command = readonly [program: string, ...args: readonly string[]]

const styles: readonly AnchorStyle[] = [
  // Debian, Ubuntu, Alpine
  {folder: '/usr/local/share/ca-certificates', update: ['update-ca-certificates'], refresh: ['update-ca-certificates', '--fresh']},
  // Fedora, RHEL
  {folder: '/etc/pki/ca-trust/source/anchors', update: ['update-ca-trust', 'extract']},
  // Arch
  {folder: '/etc/ca-certificates/trust-source/anchors', update: ['trust', 'extract-compat']},
]

/** Where those programs lie, which the PATH of a user often does not name. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export type SystemStoreOptions = {
  readonly platform: NodeJS.Platform
  /** For tests: where the root of the file system is taken to be, and where programs are. */
  readonly root?: string
  readonly searchPath?: string
}

/** The store of the system, for curl, git, Python and others; none where nobody knows how it is kept. */
export function findSystemStore({platform, root = '/', searchPath = systemPath}: SystemStoreOptions): TrustStore | undefined {
  if (platform === 'darwin') return keychain
  const style = styles.find(({folder}) => statSync(join(root, folder), {throwIfNoEntry: false})?.isDirectory())
  return style === undefined ? undefined : anchorStore({...style, folder: join(root, style.folder)}, searchPath)
}

function anchorStore({folder, update, refresh = update}: AnchorStyle, searchPath: string): TrustStore {
  const fileOf = ({id}: TrustedCertificate) => join(folder, `homeport-${id}.crt`)
  const run = async ([program, ...args]: Command, command: string): Promise<StoreOutcome> => {
    const {failed, stderr, shortMessage} = await execa(program, args, {reject: false, extendEnv: false, env: {PATH: searchPath}})
    return failed ? {status: 'by hand', command, detail: stderr || shortMessage || `${program} failed`} : {status: 'done'}
  }
  return {
    name: 'system',
    path: folder,
    async trust(certificate) {
      const file = fileOf(certificate)
      const command = `sudo cp ${quoted(certificate.file)} ${quoted(file)} && sudo ${update.join(' ')}`
      if (readText(file) === certificate.pem) return {status: 'unchanged'}
      try {
        writeFileSync(file, certificate.pem, {mode: 0o644})
      } catch (error) {
        return byHand(command, error)
      }
      return await run(update, command)
    },
    async untrust(certificate) {
      const file = fileOf(certificate)
      const command = `sudo rm ${quoted(file)} && sudo ${refresh.join(' ')}`
      if (readText(file) === undefined) return {status: 'unchanged'}
      try {
        rmSync(file)
      } catch (error) {
        return byHand(command, error)
      }
      return await run(refresh, command)
    },
  }
}

/** macOS asks for a password in a window of its own: the command is for the user to type. */
const keychain: TrustStore = {
  name: 'system',
  path: '/Library/Keychains/System.keychain',
  trust: async ({file}) => ({
    status: 'by hand',
    command: `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${quoted(file)}`,
    detail: 'macOS asks for a password',
  }),
  untrust: async ({commonName}) => ({
    status: 'by hand',
    command: `sudo security delete-certificate -c ${quoted(commonName)} /Library/Keychains/System.keychain`,
    detail: 'macOS asks for a password',
  }),
}

function byHand(command: string, error: unknown): StoreOutcome {
  const {code = '', message} = error as NodeJS.ErrnoException
  return {status: 'by hand', command, detail: ['EACCES', 'EPERM'].includes(code) ? 'this user may not' : message}
}

/** As a shell reads it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
