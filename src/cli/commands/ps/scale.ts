import {Args} from '@oclif/core'
import {appPath, homeportPath} from '../../../control/app-path.ts'
import type {AppStatus} from '../../../control/app-status.ts'
import {callControl, readTimeoutMs} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import {type Formation, type FormationChange, parseScale, refuseSizes} from '../../../model/formation.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {isPoolTarget, requireApp, targetFlags} from '../../pool/target-flags.ts'
import {withProgress} from '../../progress.ts'
import {formationText} from '../../render/apps.ts'

export class PsScale extends PoolCommand {
  static override summary = 'Change how many dynos of each type run, or show it.'
  static override description =
    'TYPE=N sets a quantity, TYPE+N and TYPE-N change it; types that are not named keep theirs. Without arguments shows the formation.'
  static override examples = [
    '<%= config.bin %> ps:scale web=2 worker+1',
    '<%= config.bin %> ps:scale',
    '<%= config.bin %> ps:scale web=3 --target ec2 --app shop',
  ]
  static override strict = false
  static override flags = targetFlags
  static override args = {change: Args.string({description: 'TYPE=N, TYPE+N or TYPE-N; repeatable.'})}

  async run(): Promise<Readonly<Record<string, number>>> {
    const {flags, argv} = await this.parse(PsScale)
    const changes = (argv as string[]).map(parseScale)
    if (isPoolTarget(flags)) return await this.#scalePool(requireApp(flags.app), changes, flags.pool)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    if (changes.length > 0) {
      const updates = changes.map(({type, sign, quantity, size}) => ({type, quantity: `${sign === '=' ? '' : sign}${quantity}`, size}))
      const scale = () => callControl<readonly Quantity[]>(app, {method: 'PATCH', path: appPath(app, 'formation'), body: {updates}})
      await withProgress('Scaling dynos', scale, formation => `now running ${renderNow(formation, changes)}`)
    }
    const {formation} = await callControl<AppStatus>(app, {path: homeportPath(app), timeoutMs: readTimeoutMs})
    this.log(formationText(formation))
    return formation
  }

  async #scalePool(app: string, changes: readonly FormationChange[], pool: string | undefined): Promise<Readonly<Record<string, number>>> {
    refuseSizes(changes)
    const {context} = await this.openPool(pool)
    const {poolFormation, scalePoolApp} = await import('../../../platform/pool/scale-pool-app.ts')
    const scale = () => scalePoolApp(app, changes, context)
    const text = (formation: Formation) => [...formation].map(([type, quantity]) => `${type} at ${quantity}`).join(', ')
    const formation =
      changes.length === 0
        ? await poolFormation(app, context)
        : await withProgress('Scaling dynos', scale, after => `now running ${text(after)}`)
    this.log(formationText(Object.fromEntries(formation)))
    return Object.fromEntries(formation)
  }
}

type Quantity = {readonly type: string; readonly quantity: number}

/** `web at 3, worker at 1`: those that were named. */
function renderNow(formation: readonly Quantity[], changes: readonly {readonly type: string}[]): string {
  const named = new Set(changes.map(({type}) => type))
  return formation
    .filter(({type}) => named.has(type))
    .map(({type, quantity}) => `${type} at ${quantity}`)
    .join(', ')
}
