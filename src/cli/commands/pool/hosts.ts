import {Args} from '@oclif/core'
import {PoolCommand} from '../../pool/pool-command.ts'
import {renderHosts} from '../../render/pool.ts'
import {writeNow} from '../../write.ts'

export class PoolHosts extends PoolCommand {
  static override summary = 'List the hosts of a pool: state, dynos, free memory.'
  static override examples = ['<%= config.bin %> pool:hosts demo']
  static override args = {name: Args.string({name: 'NAME', description: 'The pool.', required: true})}

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolHosts)
    const {context} = await this.openPool(args.name)
    const hosts = await context.engine.hosts()
    if (!flags.json) writeNow(1, renderHosts(hosts))
    return hosts
  }
}
