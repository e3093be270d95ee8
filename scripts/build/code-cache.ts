import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Assets} from './assets.ts'
import type {Chunk} from './bundle.ts'

const child = fileURLToPath(new URL('code-cache-child.ts', import.meta.url))

/**
 * V8's code caches of the chunks, as assets: with them a start compiles nothing. Our own code is in it whole; of libraries, of
 * which most is never called, what a warm-up run called. Made until two runs agree: the same sources give the same bytes.
 */
export function codeCaches(chunks: readonly Chunk[], folder: string): Assets {
  rmSync(folder, {recursive: true, force: true})
  for (const {name, code, isLibrary} of chunks) {
    const place = join(folder, isLibrary ? 'libraries' : 'ours')
    mkdirSync(place, {recursive: true})
    writeFileSync(join(place, name), code)
  }
  let last: Assets | undefined
  for (let attempt = 0; attempt < 8; attempt++) {
    const current = makeOnce(folder)
    if (last !== undefined && isSame(last, current)) {
      runChild(['verify', folder], [])
      return current
    }
    last = current
  }
  throw new Error('The code cache comes out differently each time.')
}

function makeOnce(folder: string): Assets {
  const caches = join(folder, 'caches')
  rmSync(caches, {recursive: true, force: true})
  mkdirSync(caches)
  runChild(['make', folder], ['--predictable'])
  return new Map(readdirSync(caches).map(name => [name, readFileSync(join(caches, name))]))
}

function runChild(args: readonly string[], nodeFlags: readonly string[]): void {
  const env = {PATH: process.env['PATH'] ?? '', HOME: '/', NO_COLOR: '1'}
  const {status, stderr} = spawnSync(process.execPath, [...nodeFlags, child, ...args], {encoding: 'utf8', env})
  if (status !== 0) throw new Error(`Code cache, ${args[0]}: ${stderr}`)
}

function isSame(one: Assets, other: Assets): boolean {
  return one.size === other.size && [...one].every(([name, data]) => Buffer.from(data).equals(Buffer.from(other.get(name) ?? '')))
}
