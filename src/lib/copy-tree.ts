import {constants} from 'node:fs'
import {chmod, copyFile, lchown, mkdir, readdir, readlink, stat, symlink, utimes} from 'node:fs/promises'
import {join} from 'node:path'

export type CopyOptions = {
  /** Who the copies belong to; without it whoever runs this. */
  readonly owner?: {readonly uid: number; readonly gid: number}
}

/** As many files at once as Node has threads for them. */
const filesAtOnce = 4

/**
 * Copies a folder with all below it: files (sharing their blocks where the file system can), folders, links, modes and times.
 * `to` must not exist. Sockets, pipes and devices are left out. Throws Node's errors.
 */
export async function copyTree(from: string, to: string, {owner}: CopyOptions = {}): Promise<void> {
  await mkdir(to)
  const entries = await readdir(from, {withFileTypes: true})
  const folders = entries.filter(entry => entry.isDirectory())
  const queue = entries.filter(entry => entry.isFile() || entry.isSymbolicLink())[Symbol.iterator]()
  const copyQueued = async (): Promise<void> => {
    for (const entry of queue) {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
      else await copyOne(source, target)
      if (owner !== undefined) await lchown(target, owner.uid, owner.gid)
    }
  }
  await Promise.all(Array.from({length: filesAtOnce}, copyQueued))
  for (const {name} of folders) await copyTree(join(from, name), join(to, name), owner === undefined ? {} : {owner})
  const kind = await stat(from)
  if (owner !== undefined) await lchown(to, owner.uid, owner.gid)
  await chmod(to, kind.mode & 0o7777)
  await utimes(to, kind.atime, kind.mtime)
}

/** Gives a folder and all below it to another owner, without following links. */
export async function giveTree(folder: string, owner: {readonly uid: number; readonly gid: number}): Promise<void> {
  await lchown(folder, owner.uid, owner.gid)
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await giveTree(path, owner)
    else await lchown(path, owner.uid, owner.gid)
  }
}

async function copyOne(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  const kind = await stat(source)
  await utimes(target, kind.atime, kind.mtime)
}
