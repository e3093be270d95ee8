import {slugStore} from '../../../engines/slug/slug-store.ts'
import {verifySlug} from '../../../engines/slug/verify-slug.ts'
import {exitCodes} from '../../../model/error.ts'
import {shortSlugId} from '../../../model/slug.ts'
import {findSlug} from '../../../platform/find-slug.ts'
import {BaseCommand} from '../../base-command.ts'
import {slugArgument} from '../../slug-argument.ts'

export class SlugsVerify extends BaseCommand {
  static override summary = 'Read all of a slug and check it against its id.'
  static override description =
    'What is damaged is dropped, so that building or importing the same content again puts it back. Exit code 5 then.'
  static override examples = ['<%= config.bin %> slugs:verify 3f2a91']
  static override args = {slug: slugArgument}

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(SlugsVerify)
    const store = slugStore(this.settings)
    const slug = findSlug(store, args.slug)
    const {isWhole, damaged, files} = await verifySlug(slug, {store})
    if (!isWhole) this.exitCode = exitCodes.MACHINE
    if (!flags.json)
      this.log(
        isWhole
          ? `${shortSlugId(slug.id)} is whole: ${files} files.`
          : `${shortSlugId(slug.id)} is damaged: ${damaged.join(', ')}.\nBuild or import it again.`,
      )
    return {slug: slug.id, ok: isWhole, damaged, files}
  }
}
