import {execFile} from 'node:child_process'
import {mkdir, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'

const run = promisify(execFile)
const isMac = process.platform === 'darwin'

/** Copies what lies in `from` to the folder `to`, links as links; where the file system can, without copying bytes. */
export async function copyFolder(from: string, to: string, {except}: {readonly except?: string} = {}): Promise<void> {
  const flags = isMac ? '-cRp' : '-Rp'
  if (except === undefined) return void (await run('cp', [flags, `${from}/.`, to]))
  const names = (await readdir(from)).filter(name => name !== except).map(name => join(from, name))
  if (names.length > 0) await run('cp', [flags, ...names, `${to}/`])
}

/** The same with hard links instead of copies, where both are on one disk: for files that nobody writes to again. */
export async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to, {mode: 0o700})
  if (isMac) return await copyFolder(from, to)
  await run('cp', ['-Rpl', `${from}/.`, to]).catch(() => run('cp', ['-Rpf', `${from}/.`, to]))
}
