import {resolve} from 'node:path'
import {Args, Flags} from '@oclif/core'
import {importArchive} from '../../../engines/slug/import-archive.ts'
import {slugStore} from '../../../engines/slug/slug-store.ts'
import {shortSlugId} from '../../../model/slug.ts'
import {archiveLimitFlags, archiveLimitsOf} from '../../archive-limit-flags.ts'
import {BaseCommand} from '../../base-command.ts'
import {slugDocument} from '../../render/slugs.ts'
import {writeNow} from '../../write.ts'

export class SlugsImport extends BaseCommand {
  static override summary = 'Take a slug archive into the store.'
  static override description =
    'Any archive of an app will do: made by slugs:export, by `tar czf slug.tgz ./app` or by another platform; .tar, .tar.gz and ' +
    '.tar.zst. What could harm this machine (paths and links that lead out, devices, bombs) is refused with its reason, and then ' +
    'nothing of the archive is kept. Without .homeport/slug.json in it the process types come from its Procfile.'
  static override examples = ['<%= config.bin %> slugs:import slug.tar.zst', '<%= config.bin %> slugs:import slug.tgz --stack heroku-24']
  static override args = {file: Args.string({name: 'FILE', description: 'The archive.', required: true})}
  static override flags = {
    stack: Flags.string({summary: 'The stack of an archive that does not name one.', helpValue: 'STACK', default: 'heroku-24'}),
    ...archiveLimitFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(SlugsImport)
    const options = {store: slugStore(this.settings), stack: flags.stack, limits: archiveLimitsOf(flags)}
    const {slug, reused, assumed, warnings} = await this.untilCalledOff(signal => importArchive(resolve(args.file), {...options, signal}))
    for (const warning of warnings) this.warn(warning)
    if (assumed.length > 0) writeNow(2, `The archive has no .homeport/slug.json. Taken: ${assumed.join('; ')}.\n`)
    if (!flags.json)
      this.log(`${reused ? 'The store already had' : 'Imported'} ${shortSlugId(slug.id)}: ${[...slug.processTypes.keys()].join(', ')}.`)
    const {root: _, ...facts} = slug
    return {...slugDocument({...facts, usedBy: []}), reused, assumed}
  }
}
