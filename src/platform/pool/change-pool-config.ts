import {HomeportError} from '../../model/error.ts'
import {changeConfig, describeConfigChange, type Release} from '../../model/release.ts'
import {findPoolApp, servingRelease} from './find-pool-app.ts'
import {configStoreOf, type PoolContext} from './pool-context.ts'
import {releaseOnPool} from './release-on-pool.ts'

/** Config vars of the release that serves. */
export async function readPoolConfig(
  app: string,
  context: Pick<PoolContext, 'bucket' | 'keys' | 'pool'>,
): Promise<ReadonlyMap<string, string>> {
  const found = await findPoolApp(context, app)
  return await configStoreOf(context, app).read(servingRelease(found, app).config)
}

export type ConfigChange = {readonly app: string; readonly changes: ReadonlyMap<string, string | null>; readonly isWaiting?: boolean}

/** Sets and unsets config vars: one release for all of them, none when nothing changes (platform.md e.1). */
export async function changePoolConfig(
  {app, changes, isWaiting = false}: ConfigChange,
  context: PoolContext,
): Promise<Release | undefined> {
  const found = await findPoolApp(context, app)
  const {slug, stack, processTypes, webCheck} = servingRelease(found, app)
  const before = await readPoolConfig(app, context)
  if (changeConfig(before, changes) === before) return undefined
  const set = [...changes].flatMap(([name, value]) => (value === null ? [] : [name]))
  const unset = [...changes].flatMap(([name, value]) => (value === null ? [name] : []))
  const {release} = await releaseOnPool(
    {
      app,
      description: describeConfigChange(set, unset),
      slug: {slug, stack, processTypes, ...(webCheck === undefined ? {} : {webCheck})},
      config: current => changeConfig(current, changes),
      isWaiting,
    },
    context,
  )
  return release
}

/** Reads `NAME=value` words. Throws CONFIG_VAR_INVALID without the value. */
export function parseConfigWords(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map(word => {
      const at = word.indexOf('=')
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)]
      throw new HomeportError('CONFIG_VAR_INVALID', `“${at === 0 ? '=' : word}” sets no config var.`, {hint: 'Write NAME=value.'})
    }),
  )
}
