import {machineEnv} from '../model/dyno-env.ts'
import {defaultSlugSize, dynoSize} from '../model/dyno-size.ts'
import type {Settings} from '../model/settings.ts'

/** What the environment of a slug's dyno begins with (platform.md c.8), beside certificates and proxies of the machine. */
export function slugBaseEnv({shellEnv}: Pick<Settings, 'shellEnv'>): Readonly<Record<string, string>> {
  return {PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/app', PWD: '/app', ...machineEnv(shellEnv)}
}

/** The size of a slug's dyno unless the user says otherwise. */
export const slugSize = dynoSize(defaultSlugSize)
