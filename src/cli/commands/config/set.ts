import {Args} from '@oclif/core'
import {changePoolConfig, parseConfigWords} from '../../../platform/pool/change-pool-config.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {requireApp, requirePoolTarget, targetFlags, waitFlag} from '../../pool/target-flags.ts'
import {writeNow} from '../../write.ts'

export class ConfigSet extends PoolCommand {
  static override summary = 'Set config vars of an app on a pool: one release, and all its dynos restart.'
  static override examples = ['<%= config.bin %> config:set RAILS_ENV=staging --target ec2 --app shop']
  static override strict = false
  static override args = {variable: Args.string({name: 'NAME=VALUE', description: 'A variable; repeatable.', required: true})}
  static override flags = {...targetFlags, ...waitFlag}

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(ConfigSet)
    requirePoolTarget(flags, {command: 'config:set', hint: 'On this machine: edit .env. On a pool: --target ec2.'})
    const app = requireApp(flags.app)
    const changes = parseConfigWords(argv as string[])
    const {context} = await this.openPool(flags.pool)
    const release = await changePoolConfig({app, changes, isWaiting: flags.wait}, context)
    const names = [...changes.keys()]
    if (!flags.json) {
      const done = release === undefined ? 'nothing changed' : `done, v${release.version}`
      writeNow(1, `Setting ${names.join(', ')} and restarting ${app}... ${done}\n`)
    }
    return {names, release: release?.version ?? null}
  }
}
