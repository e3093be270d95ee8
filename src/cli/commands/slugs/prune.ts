import {Flags} from '@oclif/core'
import {slugStore} from '../../../engines/slug/slug-store.ts'
import {renderSize} from '../../../model/build-text.ts'
import {shortSlugId} from '../../../model/slug.ts'
import {pruneStore} from '../../../platform/prune-slugs.ts'
import {BaseCommand} from '../../base-command.ts'

export class SlugsPrune extends BaseCommand {
  static override summary = 'Remove the slugs that no release, no running app and no pin needs.'
  static override examples = ['<%= config.bin %> slugs:prune', '<%= config.bin %> slugs:prune --keep 3']
  static override flags = {
    keep: Flags.integer({summary: 'So many of the newest stay, needed or not.', helpValue: 'N', min: 0, default: 0}),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(SlugsPrune)
    const {removed, freedBytes} = await pruneStore({store: slugStore(this.settings), keepNewest: flags.keep})
    const ids = removed.map(({id}) => id)
    if (!flags.json) {
      for (const id of ids) this.log(`Removed ${shortSlugId(id)}.`)
      this.log(ids.length === 0 ? 'Every slug is needed.' : `${renderSize(freedBytes)} are free again.`)
    }
    return {removed: ids, freedBytes}
  }
}
