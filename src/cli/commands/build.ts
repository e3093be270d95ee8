import {resolve} from 'node:path'
import {Flags} from '@oclif/core'
import {slugStore} from '../../engines/slug/slug-store.ts'
import {configVarValues} from '../../model/config-vars.ts'
import {buildSlug} from '../../platform/build-slug.ts'
import {exportSlugFile, packingOf} from '../../platform/export-slug.ts'
import {readConfigVars} from '../../platform/read-config-vars.ts'
import {BaseCommand, sharedFlags} from '../base-command.ts'
import {buildWishes} from '../flags/build-wishes.ts'
import {flagValues, oclifFlags} from '../flags/oclif-flags.ts'
import {buildFlags} from '../flags/start-flags.ts'
import {renderFileWarning} from '../render/problems.ts'
import {stepsDisplay} from '../steps-display.ts'
import {writeNow} from '../write.ts'

export class Build extends BaseCommand {
  static override summary = 'Build a slug of the app: its source, turned by buildpacks into what production runs.'
  static override description =
    'Takes the files that git names (elsewhere all), without .env and what .slugignore names, and runs the buildpacks that you, ' +
    'the app or its language choose, in a sandbox. The slug goes into the store of this machine; its id is printed. The same ' +
    'content has the same id on every machine.'
  static override examples = [
    '<%= config.bin %> build',
    {description: 'With two buildpacks, in order:', command: '<%= config.bin %> build --buildpack nodejs --buildpack ./my-buildpack'},
    {description: 'A commit, into a file:', command: '<%= config.bin %> build --commit main --output slug.tar.zst'},
  ]
  static override flags = {
    ...oclifFlags(buildFlags, sharedFlags),
    env: Flags.string({
      char: 'e',
      multiple: true,
      helpValue: 'FILE',
      summary: 'Config vars for the build, over .env; repeatable, later wins.',
      helpGroup: 'BUILD',
    }),
    output: Flags.string({char: 'o', helpValue: 'FILE', summary: 'Write the slug into an archive too.', helpGroup: 'BUILD'}),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Build)
    const {root, env, output} = flags
    const values = flagValues(flags)
    const file = output === undefined ? undefined : resolve(output)
    if (file !== undefined) packingOf(file)
    const stop = new AbortController()
    const display = stepsDisplay({isPlain: flags.json || flags.color === false, env: process.env})
    const {configVars, warnings} = readConfigVars(root, {
      withDefault: true,
      ...(env === undefined ? {} : {env}),
      envVars: (values['env-var'] as readonly string[] | undefined) ?? [],
    })
    for (const warning of warnings) this.warn(renderFileWarning(warning))
    const building = buildSlug(root, {
      wishes: buildWishes(values),
      configVars: new Map(Object.entries(configVarValues(configVars))),
      settings: this.settings,
      emit: display.emit,
      signal: stop.signal,
      cwd: process.cwd(),
    }).finally(() => display.end())
    this.cleanUp.defer(async () => {
      stop.abort()
      await building.catch(() => {})
    })
    const result = await building
    if (file !== undefined) await exportSlugFile(result.slug, {store: slugStore(this.settings), file})
    if (!flags.json) writeNow(1, `${result.slug}\n`)
    return result
  }
}
