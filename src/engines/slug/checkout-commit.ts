import {lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {textOf} from '../../lib/file-name.ts'
import {HomeportError} from '../../model/error.ts'
import {openWorkTree, type WorkTree} from './git.ts'

type Env = Readonly<Record<string, string | undefined>>

/** A commit, laid out as a clean checkout of it would be. */
export type CheckedOut = {readonly commit: string; readonly warnings: readonly string[]}

/**
 * Lays out what `revision` has of the app in `folder`, in the new folder `to`, with the files of its submodules: the same bytes
 * as a clean checkout, line ends and filters included. The work tree and its index are not touched. Rejects with FLAG_INVALID for a
 * revision that is none.
 */
export async function checkoutCommit(folder: string, {revision, to, env}: {revision: string; to: string; env: Env}): Promise<CheckedOut> {
  if (revision === '' || revision.startsWith('-')) throw unknownRevision(revision)
  const tree = await openWorkTree(folder, env)
  if (tree === undefined) {
    throw new HomeportError('FLAG_INVALID', `${folder} is in no git work tree, so it has no commit ${revision}.`, {
      hint: 'Leave --commit out to build the files of the folder.',
    })
  }
  const found = await tree.ask(['rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{commit}`])
  if (found === undefined) throw unknownRevision(revision)
  const commit = found.toString().trim()
  const prefix = oneLine(await tree.run(['rev-parse', '--show-prefix']))
  const draft = mkdtempSync(`${to}.`)
  try {
    const warnings = await layOut(await topOf(tree, env), commit, {to: join(draft, 'tree'), index: join(draft, 'index'), env})
    const source = join(draft, 'tree', prefix)
    mkdirSync(source, {recursive: true})
    renameSync(source, to)
    return {commit, warnings}
  } finally {
    rmSync(draft, {recursive: true, force: true})
  }
}

/** Attributes of the folders above the app count too, so the whole work tree is laid out. */
async function topOf(tree: WorkTree, env: Env): Promise<WorkTree> {
  const top = oneLine(await tree.run(['rev-parse', '--show-toplevel']))
  return (await openWorkTree(top, env)) ?? tree
}

type Place = {readonly to: string; readonly index: string; readonly env: Env}

/** Through an index of its own; git then takes attributes from the commit, since the folder it writes to has none. */
async function layOut(tree: WorkTree, commit: string, {to, index, env}: Place): Promise<readonly string[]> {
  mkdirSync(to, {recursive: true})
  const own = {GIT_INDEX_FILE: index}
  await tree.run(['read-tree', commit], {env: own})
  await tree.run([`--work-tree=${to}`, 'checkout-index', '--all', '--force', '--quiet'], {env: {...own, GIT_DIR: await gitFolder(tree)}})
  const warnings: string[] = []
  for (const {path, commit: inner} of await submodules(tree, commit)) {
    const place = {to: join(to, path), index: `${index}.${warnings.length}.${inner.slice(0, 8)}`, env}
    warnings.push(...(await layOutSubmodule(join(tree.folder, path), path, inner, place)))
  }
  return warnings
}

async function gitFolder(tree: WorkTree): Promise<string> {
  return oneLine(await tree.run(['rev-parse', '--absolute-git-dir']))
}

async function submodules(tree: WorkTree, commit: string): Promise<readonly {readonly path: string; readonly commit: string}[]> {
  const listed = (await tree.run(['ls-tree', '-r', '-z', '--full-tree', commit])).toString('latin1')
  return listed.split('\0').flatMap(line => {
    const [, inner, path] = /^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(line) ?? []
    return inner === undefined || path === undefined ? [] : [{path: textOf(path), commit: inner}]
  })
}

async function layOutSubmodule(folder: string, path: string, commit: string, place: Place): Promise<readonly string[]> {
  const tree = lstatSync(join(folder, '.git'), {throwIfNoEntry: false}) === undefined ? undefined : await openWorkTree(folder, place.env)
  const isFetched = tree !== undefined && (await tree.ask(['cat-file', '-e', `${commit}^{commit}`])) !== undefined
  if (tree !== undefined && isFetched) return await layOut(tree, commit, place)
  return [`The submodule ${path} is not checked out at ${commit.slice(0, 8)}, so it is left out: git submodule update --init`]
}

function oneLine(output: Buffer): string {
  return output.toString().replace(/\n$/, '')
}

function unknownRevision(revision: string): HomeportError {
  return new HomeportError('FLAG_INVALID', `“${revision}” is no commit of this repository.`, {
    hint: 'Name a branch, a tag or a commit: --commit main',
  })
}
