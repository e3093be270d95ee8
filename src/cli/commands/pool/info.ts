import {Args} from '@oclif/core'
import {listApps} from '../../../engines/pool/ledger.ts'
import {edgeAddresses} from '../../../platform/pool/edge-addresses.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {renderTable} from '../../render/table.ts'
import {writeNow} from '../../write.ts'

export class PoolInfo extends PoolCommand {
  static override summary = 'Show a pool: hosts, stack, apps, addresses.'
  static override examples = ['<%= config.bin %> pool:info demo']
  static override args = {name: Args.string({name: 'NAME', description: 'The pool.', required: true})}

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolInfo)
    const {context, cloud} = await this.openPool(args.name)
    const [hosts, apps, addresses] = await Promise.all([context.engine.hosts(), listApps(context.bucket), edgeAddresses(cloud, context)])
    const {pool} = context
    const {source} = pool.stack
    const stack = source.kind === 'image' ? source.reference : `archive ${pool.stack.layers[0]?.slice(0, 19)}`
    const ready = hosts.filter(host => host.state === 'ready').length
    if (!flags.json) {
      const rows = [
        ['Region:', pool.region],
        ['Hosts:', `${ready} of ${pool.size} ready, ${pool.instanceType}`],
        ['Stack:', `${pool.stack.name} (${stack})`],
        ['Apps:', apps.length === 0 ? 'none' : apps.join(', ')],
        ['Addresses:', addresses.join(', ')],
      ]
      writeNow(1, `${this.paint('bold', `=== ${pool.name}`)}\n${renderTable(rows)}`)
    }
    return {...pool, ready, apps, addresses}
  }
}
