import {gitIgnoreRules} from '../lib/git-ignore.ts'
import {type Watcher, watchFolder} from '../lib/watch.ts'
import type {App} from '../model/app.ts'
import {configVarValues} from '../model/config-vars.ts'
import {HomeportError} from '../model/error.ts'
import {slugignoreMatcher} from '../model/slugignore.ts'
import {readSlugignoreFile} from './read-slugignore-file.ts'
import type {RunningApp} from './running-app.ts'

export type WatchOptions = {
  /** The files that say what runs and with which config vars: `Procfile`, `.env`; watched even when git ignores them. */
  readonly appFiles: readonly string[]
  /** Reads the app anew; throws what openApp throws. */
  readonly reopen: () => App
  /** Takes a sentence for the user. */
  readonly tell: (text: string) => void
}

const alwaysIgnored = /(^|\/)(node_modules|\.git)(\/|$)|^(tmp|log)(\/|$)/

/**
 * Restarts what a saved file concerns (cli.md section 2, `--watch`): the Procfile those types whose command changed, a file of
 * config vars or any other file of the app all types. A web dyno is replaced only when the new one is up. A Procfile or .env
 * that is wrong is told, and what runs goes on.
 */
export async function watchApp(app: App, running: RunningApp, {appFiles, reopen, tell}: WatchOptions): Promise<Watcher> {
  const own = new Set(appFiles)
  const isIgnoredByRules = ignoreRules(app.root)
  let types = app.types
  const changed = (paths: readonly string[]) => {
    const onlyProcfile = paths.every(path => path === appFiles[0])
    tell(`${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''} changed`)
    try {
      const next = paths.some(path => own.has(path)) ? reopen() : undefined
      const nextTypes = next?.types ?? types
      const restart = new Set(
        [...nextTypes].filter(([type, command]) => !onlyProcfile || types.get(type) !== command).map(([type]) => type),
      )
      types = nextTypes
      const configVars = next === undefined ? running.configVars() : configVarValues(next.configVars)
      void running.reload({types: nextTypes, configVars, restart})
    } catch (error) {
      if (!(error instanceof HomeportError)) throw error
      tell(`${error.message} What runs goes on.`)
    }
  }
  return watchFolder(app.root, {
    isIgnored: path => !own.has(path) && (alwaysIgnored.test(path) || isIgnoredByRules(path)),
    onChange: changed,
    onError: error => tell(`A file cannot be watched: ${error instanceof Error ? error.message : error}`),
  })
}

function ignoreRules(root: string): (path: string) => boolean {
  const isIgnoredByGit = gitIgnoreRules(root)
  const isIgnoredBySlug = slugignoreMatcher(slugignoreOf(root))
  return path => isIgnoredByGit(path) || isIgnoredBySlug(path)
}

/** A .slugignore with mistakes stops a build, not the watching. */
function slugignoreOf(root: string): Parameters<typeof slugignoreMatcher>[0] {
  try {
    return readSlugignoreFile(root)
  } catch {
    return {patterns: []}
  }
}
