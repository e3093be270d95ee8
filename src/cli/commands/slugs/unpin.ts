import {slugStore} from '../../../engines/slug/slug-store.ts'
import {unpinSlug} from '../../../engines/slug/slug-use.ts'
import {shortSlugId} from '../../../model/slug.ts'
import {findSlug} from '../../../platform/find-slug.ts'
import {BaseCommand} from '../../base-command.ts'
import {slugArgument} from '../../slug-argument.ts'

export class SlugsUnpin extends BaseCommand {
  static override summary = 'Let slugs:prune remove a slug again that was pinned.'
  static override examples = ['<%= config.bin %> slugs:unpin 3f2a91']
  static override args = {slug: slugArgument}

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(SlugsUnpin)
    const store = slugStore(this.settings)
    const {id} = findSlug(store, args.slug)
    unpinSlug(store, id)
    if (!flags.json) this.log(`${shortSlugId(id)} is no longer pinned.`)
    return {slug: id}
  }
}
