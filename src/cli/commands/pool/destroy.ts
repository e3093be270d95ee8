import {Args, Flags} from '@oclif/core'
import {Aws} from '../../../engines/cloud/aws/aws.ts'
import {exitCodes, HomeportError} from '../../../model/error.ts'
import {checkPoolName} from '../../../model/pool.ts'
import {awsRemovals} from '../../../platform/pool/aws-removals.ts'
import {destroyPool} from '../../../platform/pool/destroy-pool.ts'
import {awsSettings} from '../../pool/aws-settings.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {writeNow} from '../../write.ts'

export class PoolDestroy extends PoolCommand {
  static override summary = 'Take away all that a pool has: hosts, releases, config vars.'
  static override examples = ['<%= config.bin %> pool:destroy demo --confirm demo']
  static override args = {name: Args.string({name: 'NAME', description: 'The pool.', required: true})}
  static override flags = {confirm: Flags.string({summary: 'The name again.', helpValue: 'NAME'})}

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolDestroy)
    const name = checkPoolName(args.name)
    if (flags.confirm !== name) {
      throw new HomeportError('USAGE', `This destroys the pool ${name} with everything in it, for good.`, {
        hint: `To proceed, add --confirm ${name}.`,
      })
    }
    const aws = await Aws.open(awsSettings())
    const {removed, left} = await destroyPool(awsRemovals(aws, name), {emit: event => this.tell(event)})
    if (!flags.json) {
      writeNow(1, removed.length === 0 ? `There is nothing of a pool ${name} in ${aws.region}.\n` : `Removed: ${removed.join(', ')}.\n`)
      for (const {name: what, reason} of left) writeNow(2, `Could not remove ${what}: ${reason}\n`)
    }
    if (left.length > 0) this.exitCode = exitCodes.TARGET
    return {removed, left}
  }
}
