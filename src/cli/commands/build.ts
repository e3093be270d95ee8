import {slugStore} from '../../engines/slug/slug-store.ts'
import type {BuildResult} from '../../platform/build.ts'
import {exportSlugFile} from '../../platform/export-slug.ts'
import {BaseCommand, sharedFlags} from '../base-command.ts'
import {flagValues, oclifFlags} from '../flags/oclif-flags.ts'
import {buildCommandFlags} from '../flags/start-flags.ts'
import {buildView} from '../output/build-view.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {buildByFlags} from '../start/open-slug.ts'
import {StopSignals} from '../start/stop-signals.ts'
import {writeNow} from '../write.ts'

export class Build extends BaseCommand {
  static override summary = 'Build a slug of the app in this folder with buildpacks.'
  static override description =
    'Takes what git names in the folder, runs the buildpacks on it and puts the slug into the store of this machine. The same content ' +
    'gives the same slug id, whoever builds it. The id is printed on standard output, everything else on standard error.'
  static override examples = [
    '<%= config.bin %> build',
    {
      description: 'With a buildpack of your choice, into an archive:',
      command: '<%= config.bin %> build --buildpack nodejs -o slug.tar.zst',
    },
    {description: 'A commit, without network:', command: '<%= config.bin %> build --commit v1.2 --build-network none --json'},
  ]
  static override flags = oclifFlags(buildCommandFlags, sharedFlags)
  static override readonly hearsSignals = true

  async run(): Promise<BuildResult> {
    const {flags} = await this.parse(Build)
    const values = flagValues(flags)
    const signals = new StopSignals()
    const log = new OutputWriter(2)
    const result = await buildByFlags({values, settings: this.settings, emit: buildView(log), stop: signals.asSignal()})
    await log.flush()
    if (values['output'] !== undefined) await exportSlugFile(result.slug, {store: slugStore(this.settings), file: String(values['output'])})
    if (!this.jsonEnabled()) writeNow(1, `${result.slug}\n`)
    return result
  }
}
