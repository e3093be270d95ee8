import {createHash} from 'node:crypto'
import {existsSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {privateFolder} from '../../../lib/private-folder.ts'
import {sandboxUser} from '../../../model/dyno-user.ts'
import {type SeccompArchitecture, seccompFilter} from './seccomp.ts'

/** The user inside every sandbox, as the pool's containers have it. */
export const insideUid = 1000

/** Files that every sandbox of this machine takes by descriptor. */
export type SandboxFiles = {readonly seccomp: string; readonly passwd: string; readonly group: string}

/** Writes them below `cacheDir`, named by their content, so that two Homeport processes never write into one another's. */
export function writeSandboxFiles(cacheDir: string, architecture: SeccompArchitecture): SandboxFiles {
  const folder = privateFolder(join(cacheDir, 'sandbox'))
  return {
    seccomp: write(folder, 'seccomp', seccompFilter(architecture)),
    passwd: write(folder, 'passwd', Buffer.from(passwd)),
    group: write(folder, 'group', Buffer.from(group)),
  }
}

/** With a user namespace the dyno is `insideUid`, without one it is the user that the kernel knows: both are called dyno. */
const users = [insideUid, sandboxUser.uid]

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  ...users.map(uid => `dyno:x:${uid}:${uid}:dyno:/app:/bin/bash`),
  'nobody:x:65534:65534:nobody:/:/bin/sh',
  '',
].join('\n')

const group = ['root:x:0:', ...users.map(gid => `dyno:x:${gid}:`), 'nogroup:x:65534:', ''].join('\n')

function write(folder: string, name: string, content: Buffer): string {
  const path = join(folder, `${name}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`)
  if (existsSync(path)) return path
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, content, {mode: 0o600})
  renameSync(draft, path)
  return path
}
