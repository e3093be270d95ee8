import {listDomains} from '../../../platform/pool/change-domains.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {requireApp, requirePoolTarget, targetFlags} from '../../pool/target-flags.ts'
import {writeNow} from '../../write.ts'

export class Domains extends PoolCommand {
  static override summary = 'List the host names that lead to an app of a pool.'
  static override examples = ['<%= config.bin %> domains --target ec2 --app shop']
  static override flags = targetFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Domains)
    requirePoolTarget(flags, {command: 'domains', hint: 'Write --target ec2. On this machine: `homeport start --domain HOST`.'})
    const app = requireApp(flags.app)
    const {context} = await this.openPool(flags.pool)
    const domains = await listDomains(app, context)
    if (!flags.json) writeNow(1, [`${this.paint('bold', `=== ${app} Domains`)}\n`, ...[app, ...domains]].join('\n').concat('\n'))
    return domains
  }
}
