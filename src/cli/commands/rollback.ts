import {Args} from '@oclif/core'
import {rollback} from '../../platform/pool/rollback.ts'
import {PoolCommand} from '../pool/pool-command.ts'
import {requireApp, requirePoolTarget, targetFlags, waitFlag} from '../pool/target-flags.ts'
import {writeNow} from '../write.ts'

export class Rollback extends PoolCommand {
  static override summary = 'Go back to an earlier release: a new one with its slug and config vars.'
  static override examples = ['<%= config.bin %> rollback --target ec2 --app shop', '<%= config.bin %> rollback v4 --target ec2 --app shop']
  static override args = {release: Args.string({description: 'v4; default: the one before the current.'})}
  static override flags = {...targetFlags, ...waitFlag}

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Rollback)
    requirePoolTarget(flags, {command: 'rollback', hint: 'Write --target ec2. On this machine: `homeport start --slug ID`.'})
    const app = requireApp(flags.app)
    const {context} = await this.openPool(flags.pool)
    const {release, to} = await rollback(
      {app, isWaiting: flags.wait, ...(args.release === undefined ? {} : {version: args.release})},
      context,
    )
    if (!flags.json) writeNow(1, `Rolling back ${app} to v${to}... done, v${release.version}\n`)
    return {release: release.version, to, slug: release.slug}
  }
}
