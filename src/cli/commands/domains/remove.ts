import {Args} from '@oclif/core'
import {changeDomains} from '../../../platform/pool/change-domains.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {requireApp, requirePoolTarget, targetFlags} from '../../pool/target-flags.ts'
import {writeNow} from '../../write.ts'

export class DomainsRemove extends PoolCommand {
  static override summary = 'Take a host name from an app of a pool; no release.'
  static override examples = ['<%= config.bin %> domains:remove www.example.com --target ec2 --app shop']
  static override args = {domain: Args.string({name: 'HOST', description: 'A host name.', required: true})}
  static override flags = targetFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(DomainsRemove)
    requirePoolTarget(flags, {command: 'domains:remove', hint: 'Write --target ec2. On this machine: `homeport start --domain HOST`.'})
    const app = requireApp(flags.app)
    const {context} = await this.openPool(flags.pool)
    const domains = await changeDomains({app, remove: args.domain}, context)
    if (!flags.json) writeNow(1, `Removing ${args.domain} from ${app}... done\n`)
    return domains
  }
}
