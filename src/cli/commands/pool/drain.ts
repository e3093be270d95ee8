import {Args, Flags} from '@oclif/core'
import {PoolCommand} from '../../pool/pool-command.ts'
import {writeNow} from '../../write.ts'

export class PoolDrain extends PoolCommand {
  static override summary = 'Move all dynos of a host to others, and give it no more.'
  static override examples = [
    '<%= config.bin %> pool:drain demo ip-10-0-0-7',
    {description: 'Take it back:', command: '<%= config.bin %> pool:drain demo ip-10-0-0-7 --undo'},
  ]
  static override flags = {undo: Flags.boolean({summary: 'Let it take dynos again.'})}
  static override args = {
    name: Args.string({name: 'NAME', description: 'The pool.', required: true}),
    host: Args.string({name: 'HOST', description: 'A host, as pool:hosts names it.', required: true}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolDrain)
    const {context} = await this.openPool(args.name)
    if (flags.undo) {
      await context.engine.activate(args.host)
      if (!flags.json) writeNow(1, `${args.host} takes dynos again.\n`)
      return {pool: args.name, host: args.host, state: 'ready'}
    }
    await context.engine.drain(args.host)
    if (!flags.json) writeNow(1, `Draining ${args.host}: its dynos move to other hosts.\n`)
    return {pool: args.name, host: args.host, state: 'draining'}
  }
}
