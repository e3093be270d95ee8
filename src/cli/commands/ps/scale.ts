import {Args} from '@oclif/core'
import {appPath, homeportPath} from '../../../control/app-path.ts'
import type {AppStatus} from '../../../control/app-status.ts'
import {callControl, readTimeoutMs} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import {parseScale} from '../../../model/formation.ts'
import {BaseCommand} from '../../base-command.ts'
import {withProgress} from '../../progress.ts'
import {formationText} from '../../render/apps.ts'

export class PsScale extends BaseCommand {
  static override summary = 'Change how many dynos of each type run, or show it.'
  static override description =
    'TYPE=N sets a quantity, TYPE+N and TYPE-N change it; types that are not named keep theirs. Without arguments shows the formation.'
  static override examples = ['<%= config.bin %> ps:scale web=2 worker+1', '<%= config.bin %> ps:scale']
  static override strict = false
  static override args = {change: Args.string({description: 'TYPE=N, TYPE+N or TYPE-N; repeatable.'})}

  async run(): Promise<Readonly<Record<string, number>>> {
    const {flags, argv} = await this.parse(PsScale)
    const changes = (argv as string[]).map(parseScale)
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
