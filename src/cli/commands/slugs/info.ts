import {slugStore} from '../../../engines/slug/slug-store.ts'
import {findSlug} from '../../../platform/find-slug.ts'
import {withUsers} from '../../../platform/list-slugs.ts'
import {BaseCommand} from '../../base-command.ts'
import {renderSlug, slugDocument} from '../../render/slugs.ts'
import {slugArgument} from '../../slug-argument.ts'
import {writeNow} from '../../write.ts'

export class SlugsInfo extends BaseCommand {
  static override summary = 'Show all about a slug: process types, size, what made it and what it needs.'
  static override examples = ['<%= config.bin %> slugs:info 3f2a91', '<%= config.bin %> slugs:info sha256:3f2a91bc --json']
  static override args = {slug: slugArgument}

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(SlugsInfo)
    const store = slugStore(this.settings)
    const slug = await withUsers(findSlug(store, args.slug), {store})
    if (!flags.json) writeNow(1, renderSlug(slug, this.paint))
    return slugDocument(slug)
  }
}
