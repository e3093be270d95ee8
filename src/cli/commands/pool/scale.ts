import {Args, Flags} from '@oclif/core'
import {listInstances, scaleGroup, terminateInstance} from '../../../engines/cloud/aws/pool-hosts.ts'
import {changePool} from '../../../platform/pool/change-pool.ts'
import {scalePool} from '../../../platform/pool/scale-pool.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {writeNow} from '../../write.ts'

export class PoolScale extends PoolCommand {
  static override summary = 'Change how many hosts a pool has; those that leave are drained first.'
  static override examples = ['<%= config.bin %> pool:scale demo --size 5']
  static override args = {name: Args.string({name: 'NAME', description: 'The pool.', required: true})}
  static override flags = {size: Flags.integer({summary: 'Hosts.', helpValue: 'N', required: true, min: 1, max: 1000})}

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolScale)
    const {context, cloud} = await this.openPool(args.name)
    const {engine, pool, bucket} = context
    await scalePool(pool.size, flags.size, {
      engine,
      emit: event => this.tell(event),
      grow: size => scaleGroup(cloud, pool.name, size),
      terminate: async host => {
        const instance = (await listInstances(cloud, pool.name)).find(({privateAddress}) => privateAddress === host.address)
        if (instance !== undefined) await terminateInstance(cloud, instance.id)
      },
      signal: this.stopSignal,
    })
    await changePool(bucket, known => ({...known, size: flags.size}))
    if (!flags.json) writeNow(1, `The pool ${pool.name} has ${flags.size} hosts.\n`)
    return {pool: pool.name, size: flags.size}
  }
}
