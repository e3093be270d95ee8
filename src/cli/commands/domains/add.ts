import {Args} from '@oclif/core'
import {changeDomains} from '../../../platform/pool/change-domains.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {requireApp, requirePoolTarget, targetFlags} from '../../pool/target-flags.ts'
import {writeNow} from '../../write.ts'

export class DomainsAdd extends PoolCommand {
  static override summary = 'Let a host name lead to an app of a pool; no release.'
  static override examples = ['<%= config.bin %> domains:add www.example.com --target ec2 --app shop']
  static override args = {domain: Args.string({name: 'HOST', description: 'A host name.', required: true})}
  static override flags = targetFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(DomainsAdd)
    requirePoolTarget(flags, {command: 'domains:add', hint: 'Write --target ec2. On this machine: `homeport start --domain HOST`.'})
    const app = requireApp(flags.app)
    const {context} = await this.openPool(flags.pool)
    const domains = await changeDomains({app, add: args.domain}, context)
    if (!flags.json) writeNow(1, `Adding ${args.domain} to ${app}... done\n`)
    return domains
  }
}
