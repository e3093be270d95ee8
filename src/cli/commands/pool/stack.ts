import {Args} from '@oclif/core'
import {changePool} from '../../../platform/pool/change-pool.ts'
import {changeStack} from '../../../platform/pool/change-stack.ts'
import {pullStack} from '../../../platform/pool/pull-stack.ts'
import {awsSettings} from '../../pool/aws-settings.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {writeNow} from '../../write.ts'

export class PoolStack extends PoolCommand {
  static override summary = 'Put another stack under the slugs of a pool, without a rebuild.'
  static override examples = ['<%= config.bin %> pool:stack demo heroku/heroku:24']
  static override args = {
    name: Args.string({name: 'NAME', description: 'The pool.', required: true}),
    image: Args.string({name: 'IMAGE', description: 'An image that the hosts pull.', required: true}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolStack)
    const {context, cloud} = await this.openPool(args.name)
    const stack = await pullStack(args.image, context)
    const apps = await changeStack(stack, context, {
      bucketName: cloud.bucketOf(args.name),
      endpoint: awsSettings().endpoint,
      write: async next => {
        await changePool(context.bucket, known => ({...known, stack: next}))
      },
    })
    if (!flags.json) writeNow(1, `${apps.length === 0 ? 'No app runs' : `${apps.join(', ')} run`} on ${args.image} now.\n`)
    return {pool: args.name, stack, apps}
  }
}
