import {resolve} from 'node:path'
import {Flags} from '@oclif/core'
import {slugStore} from '../../../engines/slug/slug-store.ts'
import {renderSize} from '../../../model/build-text.ts'
import {shortSlugId} from '../../../model/slug.ts'
import {exportSlugFile} from '../../../platform/export-slug.ts'
import {BaseCommand} from '../../base-command.ts'
import {slugArgument} from '../../slug-argument.ts'

export class SlugsExport extends BaseCommand {
  static override summary = 'Write a slug into an archive, with the same bytes each time.'
  static override description =
    'The name of the file says how it is packed: .tar.zst, .tar.gz or .tar. The SHA-256 of the .tar is the slug’s id, and the .tar is ' +
    'a layer for container images as it is.'
  static override examples = ['<%= config.bin %> slugs:export 3f2a91 --output slug.tar.zst']
  static override args = {slug: slugArgument}
  static override flags = {
    output: Flags.string({char: 'o', summary: 'The archive to write; one that is there is replaced.', helpValue: 'FILE', required: true}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(SlugsExport)
    const file = resolve(flags.output)
    const {id, bytes} = await exportSlugFile(args.slug, {store: slugStore(this.settings), file})
    if (!flags.json) this.log(`Wrote ${shortSlugId(id)} to ${flags.output} (${renderSize(bytes)}).`)
    return {slug: id, file, archiveBytes: bytes}
  }
}
