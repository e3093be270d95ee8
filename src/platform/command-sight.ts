import {resolve, sep} from 'node:path'
import {findProgram} from '../lib/find-program.ts'
import {readLimited} from '../lib/read-limited.ts'
import type {ProcfileAdviceOptions} from '../model/procfile-advice.ts'

/** Of files and scripts that a command names so many are looked at. */
const maxLooks = 20
const maxScriptDepth = 3
const maxSourceBytes = 256 * 1024

/** What can be seen of a command without running it, in the folder `root` with `path` as its PATH (none: nothing is said about it). */
export function commandSight(root: string, path: string | undefined): ProcfileAdviceOptions {
  const scripts = readScripts(root)
  return {
    isRunnable: program => path === undefined || findProgram(program, {path, folder: root}) !== undefined,
    mentionsPort: command => mentionsPort(command, {root, scripts, depth: 0}),
  }
}

type Sight = {readonly root: string; readonly scripts: Readonly<Record<string, unknown>>; readonly depth: number}

/** PORT in the command itself, in a script of package.json that it runs, or in a file of the app that it names. */
function mentionsPort(command: string, sight: Sight): boolean {
  if (/\bPORT\b/.test(command)) return true
  const words = command.slice(0, 4096).split(/[\s;&|()"'=]+/)
  const script = scriptOf(words, sight.scripts)
  if (script !== undefined && sight.depth < maxScriptDepth && mentionsPort(script, {...sight, depth: sight.depth + 1})) return true
  return words.slice(0, maxLooks).some(word => /[\w./-]/.test(word) && fileMentionsPort(sight.root, word))
}

/** The script that `npm start`, `npm run dev`, `yarn dev`, `pnpm start` or `bun run dev` runs. */
function scriptOf(words: readonly string[], scripts: Readonly<Record<string, unknown>>): string | undefined {
  const at = words.findIndex(word => /^(?:npm|yarn|pnpm|bun)$/.test(word))
  const name = at === -1 ? undefined : words.slice(at + 1).find(word => word !== 'run' && word !== 'run-script' && !word.startsWith('-'))
  const script = name !== undefined && Object.hasOwn(scripts, name) ? scripts[name] : undefined
  return typeof script === 'string' ? script : undefined
}

function fileMentionsPort(root: string, word: string): boolean {
  for (const name of [word, `${word}.js`]) {
    const file = resolve(root, name)
    if (!file.startsWith(root + sep)) continue
    try {
      if (/\bPORT\b/.test(readLimited(file, maxSourceBytes, 0)?.toString('latin1') ?? '')) return true
    } catch {
      // No file of that name, or none that may be read: nothing in sight.
    }
  }
  return false
}

function readScripts(root: string): Readonly<Record<string, unknown>> {
  try {
    const parsed = JSON.parse(readLimited(resolve(root, 'package.json'), maxSourceBytes, 0)?.toString('utf8') ?? '{}') as {
      scripts?: unknown
    } | null
    return typeof parsed?.scripts === 'object' && parsed.scripts !== null ? (parsed.scripts as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
