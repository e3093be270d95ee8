import type {BuildWishes} from '../../platform/build-options.ts'
import type {FlagValues} from './flag-table.ts'

/** What the build flags of a command wish (cli.md section 7). */
export function buildWishes(values: FlagValues): BuildWishes {
  const {buildpack, stack, commit} = values as {buildpack?: string[]; stack?: string; commit?: string}
  const network = values['build-network'] as BuildWishes['network']
  return {
    buildpacks: buildpack ?? [],
    clearCache: values['clear-cache'] === true,
    ...(stack === undefined ? {} : {stack}),
    ...(commit === undefined ? {} : {commit}),
    ...(network === undefined ? {} : {network}),
  }
}
