import {Aws} from '../../../engines/cloud/aws/aws.ts'
import {listInstances} from '../../../engines/cloud/aws/pool-hosts.ts'
import {listPools} from '../../../engines/cloud/aws/pool-list.ts'
import {BaseCommand} from '../../base-command.ts'
import {awsSettings} from '../../pool/aws-settings.ts'
import {renderTable} from '../../render/table.ts'
import {writeNow} from '../../write.ts'

export class Pool extends BaseCommand {
  static override summary = 'List the pools of this AWS account and region.'
  static override examples = ['<%= config.bin %> pool', '<%= config.bin %> pool --json']

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Pool)
    const aws = await Aws.open(awsSettings())
    const pools = await Promise.all(
      (await listPools(aws)).map(async name => ({name, region: aws.region, hosts: (await listInstances(aws, name)).length})),
    )
    if (!flags.json) {
      const rows = pools.map(({name, region, hosts}) => [name, region, `${hosts} ${hosts === 1 ? 'host' : 'hosts'}`])
      writeNow(1, rows.length === 0 ? `No pools in ${aws.region}. Make one with \`homeport pool:create NAME\`.\n` : renderTable(rows))
    }
    return pools
  }
}
