import {readPoolConfig} from '../../../platform/pool/change-pool-config.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {requireApp, requirePoolTarget, targetFlags} from '../../pool/target-flags.ts'
import {printable} from '../../render/error.ts'
import {renderTable} from '../../render/table.ts'
import {writeNow} from '../../write.ts'

export class Config extends PoolCommand {
  static override summary = 'Show the config vars of an app on a pool.'
  static override examples = ['<%= config.bin %> config --target ec2 --app shop']
  static override flags = targetFlags

  async run(): Promise<Readonly<Record<string, string>>> {
    const {flags} = await this.parse(Config)
    requirePoolTarget(flags, {command: 'config', hint: 'On this machine: edit .env (`homeport env` shows it). On a pool: --target ec2.'})
    const app = requireApp(flags.app)
    const {context} = await this.openPool(flags.pool)
    const values = [...(await readPoolConfig(app, context))].sort(([one], [other]) => (one < other ? -1 : 1))
    if (!flags.json) {
      const rows = values.map(([name, value]) => [`${name}:`, printable(value)])
      writeNow(1, `${this.paint('bold', `=== ${app} Config Vars`)}\n\n${renderTable(rows)}`)
    }
    return Object.fromEntries(values)
  }
}
