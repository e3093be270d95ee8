import {Flags} from '@oclif/core'
import {slugStore} from '../../engines/slug/slug-store.ts'
import {appName} from '../../model/app.ts'
import {configVarValues} from '../../model/config-vars.ts'
import {parseQuantities} from '../../model/formation.ts'
import {buildSlug} from '../../platform/build-slug.ts'
import {findSlug} from '../../platform/find-slug.ts'
import {deploy, previewDeploy} from '../../platform/pool/deploy.ts'
import {edgeAddresses} from '../../platform/pool/edge-addresses.ts'
import {poolSlug} from '../../platform/pool/pool-slug.ts'
import {readConfigVars} from '../../platform/read-config-vars.ts'
import {sharedFlags} from '../base-command.ts'
import {buildWishes} from '../flags/build-wishes.ts'
import {flagValues, oclifFlags} from '../flags/oclif-flags.ts'
import {buildFlags} from '../flags/start-flags.ts'
import {PoolCommand} from '../pool/pool-command.ts'
import {requirePoolTarget, targetFlags, waitFlag} from '../pool/target-flags.ts'
import {renderDeployPlan} from '../render/pool.ts'
import {stepsDisplay} from '../steps-display.ts'
import {writeNow} from '../write.ts'

export class Deploy extends PoolCommand {
  static override summary = 'Promote a slug to a pool of machines, byte for byte.'
  static override description =
    'Builds when no slug is named, uploads the slug once, runs the release command, then rolls every process type to the new release, ' +
    'web last. A new web dyno takes traffic when it listens and answers its health check; at the first failure everything goes back ' +
    'and the old release goes on serving.'
  static override examples = [
    '<%= config.bin %> deploy --target ec2 --app shop',
    {description: 'What would be done, and nothing else:', command: '<%= config.bin %> deploy --target ec2 --app shop --plan'},
    {
      description: 'A slug that `ci` passed:',
      command: '<%= config.bin %> deploy --target ec2 --app shop --slug 3f2a91 --formation web=3,worker=1',
    },
  ]
  static override flags = {
    ...targetFlags,
    ...waitFlag,
    slug: Flags.string({summary: 'A slug of the store instead of a build.', helpValue: 'ID'}),
    plan: Flags.boolean({summary: 'Show the steps and change nothing.'}),
    formation: Flags.string({summary: 'Quantities from this release on.', helpValue: 'web=2'}),
    ...oclifFlags(buildFlags, sharedFlags),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Deploy)
    requirePoolTarget(flags, {command: 'deploy', hint: 'Write --target ec2. To run the app on this machine: `homeport start`.'})
    const app = flags.app ?? appName(flags.root)
    const formation = flags.formation === undefined ? undefined : parseQuantities(flags.formation)
    const {context, cloud} = await this.openPool(flags.pool)
    const store = slugStore(this.settings)
    const id = flags.slug ?? (await this.#build(flags.root, flagValues(flags)))
    const options = {
      app,
      slug: await poolSlug(findSlug(store, id), store),
      isWaiting: flags.wait,
      ...(formation === undefined ? {} : {formation}),
    }
    if (flags.plan) {
      const preview = await previewDeploy(options, context)
      if (!flags.json) writeNow(1, renderDeployPlan(preview.steps, preview.pending))
      return preview
    }
    const {groups, ...result} = await deploy(options, context)
    if (!flags.json) {
      writeNow(1, `Released v${result.release} of ${app}: ${groups.map(({type, quantity}) => `${type}=${quantity}`).join(' ')}\n`)
      const [address] = await edgeAddresses(cloud, context)
      if (address !== undefined && groups.every(group => group.domains.length === 0))
        writeNow(1, `It answers at ${address}: curl -H 'Host: ${app}' http://${address}/\n`)
    }
    return result
  }

  async #build(root: string, values: ReturnType<typeof flagValues>): Promise<string> {
    const display = stepsDisplay({isPlain: true, env: process.env})
    const {configVars} = readConfigVars(root, {withDefault: true, envVars: []})
    const {slug} = await buildSlug(root, {
      wishes: buildWishes(values),
      configVars: new Map(Object.entries(configVarValues(configVars))),
      settings: this.settings,
      emit: display.emit,
      signal: this.stopSignal,
      cwd: process.cwd(),
    }).finally(() => display.end())
    return slug
  }
}
