import {Args, Flags} from '@oclif/core'
import {Aws} from '../../../engines/cloud/aws/aws.ts'
import {findKey} from '../../../engines/cloud/aws/pool-storage.ts'
import {checkPoolName} from '../../../model/pool.ts'
import {type PoolRole, planPolicy, poolRoles} from '../../../model/pool-policy.ts'
import {BaseCommand} from '../../base-command.ts'
import {awsSettings} from '../../pool/aws-settings.ts'
import {writeNow} from '../../write.ts'

export class PoolPolicy extends BaseCommand {
  static override summary = 'Print the least rights of a role on a pool, as an IAM policy.'
  static override description = 'release and admin equal root on the hosts of the pool: who starts dynos reaches its engine.'
  static override examples = ['<%= config.bin %> pool:policy demo --role read']
  static override args = {name: Args.string({name: 'NAME', description: 'The pool.', required: true})}
  static override flags = {role: Flags.option({options: poolRoles, summary: 'Whose rights.', default: 'release' as PoolRole})()}

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolPolicy)
    const pool = checkPoolName(args.name)
    const aws = await Aws.open(awsSettings())
    const key = (await findKey(aws, pool).catch(() => undefined))?.arn ?? `arn:aws:kms:${aws.region}:${aws.account}:key/*`
    const policy = planPolicy(flags.role, {pool, region: aws.region, account: aws.account, bucket: aws.bucketOf(pool), key})
    if (!flags.json) writeNow(1, `${JSON.stringify(policy, null, 2)}\n`)
    return policy
  }
}
