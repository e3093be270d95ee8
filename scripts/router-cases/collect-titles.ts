import {readdirSync} from 'node:fs'
import {registerHooks} from 'node:module'
import {join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {titles} from './vitest-stub.ts'

export type Case = {readonly file: string; readonly titles: readonly string[]}

const root = fileURLToPath(new URL('../..', import.meta.url))
const stub = new URL('./vitest-stub.ts', import.meta.url).href

/** The titles of all tests in the files below these folders, tables spelt out; nothing of them runs. */
export async function collectTitles(folder: string): Promise<readonly Case[]> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => (specifier === 'vitest' ? {url: stub, shortCircuit: true} : next(specifier, context)),
  })
  const cases: Case[] = []
  const names = readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'}).filter(name => name.endsWith('.test.ts'))
  for (const name of names.sort()) {
    titles.length = 0
    await import(pathToFileURL(join(root, folder, name)).href)
    cases.push(...titles.map(path => ({file: `${folder}/${name}`, titles: path})))
  }
  hooks.deregister()
  return cases
}
