import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import type {ScriptContext} from '../../src/engines/buildpack/buildpack-scripts.ts'
import type {FetchedBuildpack} from '../../src/engines/buildpack/fetch-buildpack.ts'

/** A room without walls, with HOME at /app. */
export const plainRoom: ScriptContext['room'] = {
  pathInside: path => path,
  wrap: ({argv: [file = '', ...args], env, workingFolder}) => ({file, args, env: {...env, HOME: '/app'}, cwd: workingFolder}),
}

/** A buildpack that lies in `dir` as if it had been fetched. */
export function fetched(name: string, dir: string): FetchedBuildpack {
  return {name, ref: name, commit: null, dir}
}

/** What the scripts of a build share, with folders below `folder`, and the text that they printed. */
export function scriptContext(folder: string, overrides: Partial<ScriptContext> = {}): {context: ScriptContext; output: () => string} {
  const dirs = {buildDir: join(folder, 'build'), cacheDir: join(folder, 'cache'), envDir: join(folder, 'env')}
  for (const dir of Object.values(dirs)) mkdirSync(dir, {recursive: true})
  let text = ''
  const context = {
    ...dirs,
    env: {PATH: process.env['PATH'] ?? '', STACK: 'heroku-24'},
    exports: [],
    room: plainRoom,
    signal: new AbortController().signal,
    graceMs: 2000,
    onLines: ({lines}: {lines: Buffer}, options?: {isPartial: boolean}) => {
      if (!options?.isPartial) text += lines.toString('utf8')
    },
    ...overrides,
  }
  return {context, output: () => text}
}
