import {mkdirSync, readdirSync, rmdirSync, rmSync} from 'node:fs'
import {type ByteName, byteName, pathOf, shownName} from '../../lib/file-name.ts'
import {checkoutCommit} from './checkout-commit.ts'
import {copyFiles} from './copy-files.ts'
import {chooseFiles, type ListSourceOptions, listSource, type Source, walkFiles} from './list-source.ts'

export type CopySourceOptions = ListSourceOptions & {
  /** The folder that the source is copied to; it must not exist. */
  readonly to: string
  /** The source of a commit instead of the files that are there now. */
  readonly commit?: string
  readonly signal?: AbortSignal
}

/** The source of an app, copied. */
export type CopiedSource = Omit<Source, 'folder'>

/**
 * Copies the source of an app to where it will be built (cli.md section 7, Source). With `commit` it is what a clean checkout of
 * that would have, and gives the same slug. Rejects with FILE_UNREADABLE, and with FLAG_INVALID for a commit that is none.
 */
export async function copySource(root: string, {to, commit, signal, ...options}: CopySourceOptions): Promise<CopiedSource> {
  if (commit !== undefined) return await copyCommit(root, commit, {to, ...options})
  const {folder, files, ...source} = await listSource(root, options)
  mkdirSync(to, {mode: 0o755})
  const leftOut = await copyFiles(files, {from: folder, to, ...(signal === undefined ? {} : {signal})})
  const gone = new Set(leftOut)
  return {
    ...source,
    files: files.filter(path => !gone.has(path)),
    warnings: [...source.warnings, ...leftOut.map(path => `${shownName(path)} is left out: neither file nor link.`)],
  }
}

/** All files of a commit are tracked; those that do not go into a slug are taken away again. */
async function copyCommit(root: string, revision: string, {to, env}: CopySourceOptions): Promise<CopiedSource> {
  const {commit, warnings} = await checkoutCommit(root, {revision, to, env})
  const all = walkFiles(to)
  const chosen = chooseFiles(to, {files: all, isTracked: () => true, warnings: []})
  const kept = new Set(chosen.files)
  for (const path of all) if (!kept.has(path)) rmSync(pathOf(`${byteName(to)}/${path}`))
  removeEmptyFolders(byteName(to))
  return {...chosen, warnings: [...warnings, ...chosen.warnings], commit}
}

/** As git does, which has no empty folders; `folder` itself stays. */
function removeEmptyFolders(folder: ByteName): boolean {
  let isEmpty = true
  for (const entry of readdirSync(pathOf(folder), {withFileTypes: true, encoding: 'latin1'})) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory() && removeEmptyFolders(path)) rmdirSync(pathOf(path))
    else isEmpty = false
  }
  return isEmpty
}
