import type {DynoSpec} from '../model/dyno.ts'
import type {DynoEnvParts} from '../model/dyno-env.ts'
import type {DynoSize} from '../model/dyno-size.ts'
import type {Limits} from '../model/limits.ts'
import type {Settings} from '../model/settings.ts'
import type {StartOptions} from '../model/start-options.ts'
import type {SlugInUse} from './run-slug.ts'
import {slugBaseEnv, slugSize} from './slug-base.ts'

/** How the one-off dynos of an app are made. */
export type OneOffKind = Pick<DynoEnvParts, 'base' | 'comfort'> &
  Pick<DynoSpec, 'slugFolder' | 'size'> & {
    /** The tier that keeps it apart. */
    readonly wish: NonNullable<StartOptions['isolation']>
    /** From SIGTERM to SIGKILL. */
    readonly stopMs: number
  }

export type OneOffWishes = {
  readonly isolation?: OneOffKind['wish'] | undefined
  readonly size?: DynoSize | undefined
}

/**
 * One-off dynos in the app's folder. Python does not hold its output back, as under `start`; colours are not forced, since the
 * command sees for itself whether it writes to a terminal.
 */
export function folderOneOffs({shellEnv}: Settings, {stopFolderMs}: Limits, {isolation = 'process', size}: OneOffWishes = {}): OneOffKind {
  return {base: shellEnv, comfort: {colour: false}, wish: isolation, stopMs: stopFolderMs, ...(size === undefined ? {} : {size})}
}

/** One-off dynos of a slug: the environment, the disk and the limits that production gives them. */
export function slugOneOffs(
  {folder}: SlugInUse,
  settings: Settings,
  {stopSlugMs}: Limits,
  {isolation = 'auto', size = slugSize}: OneOffWishes = {},
): OneOffKind {
  return {base: slugBaseEnv(settings), slugFolder: folder, wish: isolation, stopMs: stopSlugMs, size}
}
