import {cpSync, mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {openPlainRoom} from '../../src/engines/buildpack/build-room.ts'
import {platformLimits} from '../../src/model/limits.ts'
import type {BuildOptions, StoreSlug} from '../../src/platform/build-options.ts'

/** Writes files of an app, by path. */
export function writeApp(root: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(root, {recursive: true})
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), {recursive: true})
    writeFileSync(join(root, name), text)
  }
  return root
}

/** What a build gave to the store. */
export type Stored = Parameters<StoreSlug>[1] & {readonly files: readonly string[]}

/** Options of a build below `folder`, with a store that remembers what it got, and what was told as text. */
export function buildOptions(folder: string, overrides: Partial<BuildOptions> = {}) {
  const stored: Stored[] = []
  const steps: string[] = []
  let text = ''
  const options: BuildOptions = {
    configVars: new Map(),
    settings: {
      cacheDir: join(folder, 'home/cache'),
      stateDir: join(folder, 'home/state'),
      shellEnv: {PATH: process.env['PATH'] ?? '', HOME: folder},
    },
    limits: platformLimits(),
    signal: new AbortController().signal,
    cwd: folder,
    shippedDir: join(import.meta.dirname, '../../buildpacks'),
    emit: event => {
      if (event.type === 'output' && !event.partial) text += event.lines.toString('utf8')
      if (event.type === 'step') steps.push(`${event.name} ${event.status}`)
    },
    copySource: async (root, {to}) => {
      cpSync(root, to, {recursive: true, verbatimSymlinks: true})
      return {warnings: [], ignoredFiles: 0, commit: 'c'.repeat(40)}
    },
    openRoom: ({dir}) => openPlainRoom(dir),
    storeSlug: async (dir, facts) => {
      const files = (readdirSync(dir, {recursive: true}) as string[]).filter(name => statSync(join(dir, name)).isFile()).sort()
      stored.push({...facts, files})
      const slug = {
        id: 'sha256:1',
        sizeBytes: 1,
        archiveBytes: 45.2 * 1024 * 1024,
        stack: facts.stack,
        os: 'any',
        arch: 'any',
        libc: 'any',
        createdAt: 'now',
      }
      return {slug, reused: false, warnings: []}
    },
    ...overrides,
  }
  return {options, stored, steps, output: () => text}
}
