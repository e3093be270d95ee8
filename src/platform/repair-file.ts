import {randomBytes} from 'node:crypto'
import {chmodSync, chownSync, realpathSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {HomeportError} from '../model/error.ts'
import type {Problem} from '../model/problem.ts'
import {readSourceText} from '../model/source-text.ts'
import {applyEdits} from '../model/text-edit.ts'

/**
 * Mends what has one sure repair (cli.md section 6, `--fix`), and gives the problems that are gone by it. The file is replaced in
 * one step and keeps its mode; a link stays a link. Nothing happens when some bytes could not be read as text.
 */
export function repairFile(root: string, file: string, bytes: Uint8Array, problems: readonly Problem[]): readonly Problem[] {
  const repairable = problems.filter(({edits}) => edits !== undefined)
  const source = readSourceText(file, bytes)
  const isUnsure = source.problems.some(({severity}) => severity === 'error')
  if (repairable.length === 0 || isUnsure) return []
  const repaired = applyEdits(
    source.text,
    repairable.flatMap(({edits}) => edits ?? []),
  )
  replaceFile(resolve(root, file), file, repaired)
  return repairable
}

function replaceFile(path: string, file: string, text: string): void {
  const target = realpathSync(path)
  const temporary = join(dirname(target), `.homeport-${randomBytes(6).toString('hex')}`)
  try {
    const {mode, uid, gid} = statSync(target)
    writeFileSync(temporary, text, {flag: 'wx', mode: 0o600})
    keepOwner(temporary, uid, gid)
    chmodSync(temporary, mode & 0o7777)
    renameSync(temporary, target)
  } catch (cause) {
    rmSync(temporary, {force: true})
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new HomeportError('NO_PERMISSION', `${file} cannot be changed (${reason}); it is as it was.`, {
      hint: 'Give yourself the right to write in its folder.',
      place: {file},
      cause,
    })
  }
}

function keepOwner(path: string, uid: number, gid: number): void {
  if (process.geteuid?.() === 0) chownSync(path, uid, gid)
}
