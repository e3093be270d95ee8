import {resolve} from 'node:path'
import {Args} from '@oclif/core'
import {slugStore} from '../../../engines/slug/slug-store.ts'
import {unpack} from '../../../platform/unpack-slug.ts'
import {archiveLimitFlags, archiveLimitsOf} from '../../archive-limit-flags.ts'
import {BaseCommand} from '../../base-command.ts'

export class SlugsUnpack extends BaseCommand {
  static override summary = 'Write the files of a slug, or of an archive, into a folder.'
  static override description =
    'What lies under app/ goes into the folder and belongs to you. An archive is read by the rules of slugs:import.'
  static override examples = ['<%= config.bin %> slugs:unpack 3f2a91 look', '<%= config.bin %> slugs:unpack slug.tar.zst look']
  static override args = {
    source: Args.string({name: 'ID|FILE', description: 'A slug of the store, or an archive.', required: true}),
    folder: Args.string({name: 'DIR', description: 'A new or an empty folder.', required: true}),
  }
  static override flags = archiveLimitFlags

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(SlugsUnpack)
    const to = resolve(args.folder)
    const {id} = await this.untilCalledOff(signal =>
      unpack(args.source, {store: slugStore(this.settings), to, limits: archiveLimitsOf(flags), signal}),
    )
    if (!flags.json) this.log(`Unpacked ${args.source} into ${args.folder}.`)
    return {folder: to, ...(id === undefined ? {} : {slug: id})}
  }
}
