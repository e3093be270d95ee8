import {slugStore} from '../../../engines/slug/slug-store.ts'
import {listSlugs} from '../../../platform/list-slugs.ts'
import {BaseCommand} from '../../base-command.ts'
import {renderSlugs, slugsDocument} from '../../render/slugs.ts'
import {writeNow} from '../../write.ts'

export class Slugs extends BaseCommand {
  static override summary = 'List the slugs of this machine, newest first.'
  static override description = 'What nothing uses (no release, no running app, no pin) is removed by slugs:prune.'
  static override examples = ['<%= config.bin %> slugs', '<%= config.bin %> slugs --json']

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Slugs)
    const slugs = await listSlugs({store: slugStore(this.settings)})
    if (!flags.json) writeNow(1, renderSlugs(slugs, this.paint))
    return slugsDocument(slugs)
  }
}
