import {slugStore} from '../../../engines/slug/slug-store.ts'
import {pinSlug} from '../../../engines/slug/slug-use.ts'
import {shortSlugId} from '../../../model/slug.ts'
import {findSlug} from '../../../platform/find-slug.ts'
import {BaseCommand} from '../../base-command.ts'
import {slugArgument} from '../../slug-argument.ts'

export class SlugsPin extends BaseCommand {
  static override summary = 'Keep a slug, whatever uses it: slugs:prune leaves it alone.'
  static override examples = ['<%= config.bin %> slugs:pin 3f2a91']
  static override args = {slug: slugArgument}

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(SlugsPin)
    const store = slugStore(this.settings)
    const {id} = findSlug(store, args.slug)
    pinSlug(store, id)
    if (!flags.json) this.log(`${shortSlugId(id)} is kept until slugs:unpin.`)
    return {slug: id}
  }
}
