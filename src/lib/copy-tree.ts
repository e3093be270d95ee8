import {constants} from 'node:fs'
import {chmod, copyFile, lchown, mkdir, readdir, readlink, stat, symlink, utimes} from 'node:fs/promises'
import {type ByteName, byteName, pathOf} from './file-name.ts'

export type CopyOptions = {
  /** Who the copies belong to; without it whoever runs this. */
  readonly owner?: {readonly uid: number; readonly gid: number}
}

/** As many files at once as Node has threads for them. */
const filesAtOnce = 4

/**
 * Copies a folder with all below it: files (sharing their blocks where the file system can), folders, links, modes and times;
 * names need not be UTF-8. `to` must not exist. Sockets, pipes and devices are left out. Throws Node's errors.
 */
export async function copyTree(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  await copyBelow(byteName(from), byteName(to), options)
}

async function copyBelow(from: ByteName, to: ByteName, options: CopyOptions): Promise<void> {
  const {owner} = options
  await mkdir(pathOf(to))
  const entries = await readdir(pathOf(from), {withFileTypes: true, encoding: 'latin1'})
  const folders = entries.filter(entry => entry.isDirectory())
  const queue = entries.filter(entry => entry.isFile() || entry.isSymbolicLink())[Symbol.iterator]()
  const copyQueued = async (): Promise<void> => {
    for (const entry of queue) {
      const [source, target] = [pathOf(`${from}/${entry.name}`), pathOf(`${to}/${entry.name}`)]
      if (entry.isSymbolicLink()) await symlink(await readlink(source, {encoding: 'buffer'}), target)
      else await copyOne(source, target)
      if (owner !== undefined) await lchown(target, owner.uid, owner.gid)
    }
  }
  await Promise.all(Array.from({length: filesAtOnce}, copyQueued))
  for (const {name} of folders) await copyBelow(`${from}/${name}`, `${to}/${name}`, options)
  const kind = await stat(pathOf(from))
  if (owner !== undefined) await lchown(pathOf(to), owner.uid, owner.gid)
  await chmod(pathOf(to), kind.mode & 0o7777)
  await utimes(pathOf(to), kind.atime, kind.mtime)
}

/** Gives a folder and all below it to another owner, without following links. */
export async function giveTree(folder: string, owner: {readonly uid: number; readonly gid: number}): Promise<void> {
  await giveBelow(byteName(folder), owner)
}

async function giveBelow(folder: ByteName, owner: {readonly uid: number; readonly gid: number}): Promise<void> {
  await lchown(pathOf(folder), owner.uid, owner.gid)
  for (const entry of await readdir(pathOf(folder), {withFileTypes: true, encoding: 'latin1'})) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) await giveBelow(path, owner)
    else await lchown(pathOf(path), owner.uid, owner.gid)
  }
}

async function copyOne(source: string | Buffer, target: string | Buffer): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  const kind = await stat(source)
  await utimes(target, kind.atime, kind.mtime)
}
