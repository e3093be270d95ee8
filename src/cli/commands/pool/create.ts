import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import {createInterface} from 'node:readline/promises'
import {Args, Flags} from '@oclif/core'
import {Aws} from '../../../engines/cloud/aws/aws.ts'
import {HomeportError} from '../../../model/error.ts'
import {planSetup} from '../../../model/pool-setup.ts'
import {awsPoolCloud} from '../../../platform/pool/aws-pool-cloud.ts'
import {createPool} from '../../../platform/pool/create-pool.ts'
import {isTerminal} from '../../is-terminal.ts'
import {awsSettings} from '../../pool/aws-settings.ts'
import {hostProgramFile} from '../../pool/host-program.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {renderHosts, renderSetup} from '../../render/pool.ts'
import {writeNow} from '../../write.ts'

export class PoolCreate extends PoolCommand {
  static override summary = 'Make a pool of EC2 machines, or go on making it.'
  static override description =
    'Shows what it will make and what that costs in a month, and asks. Makes a bucket, a key, a role, a security group, a launch template and ' +
    'an auto scaling group, then waits until the hosts have found each other. Run again, it goes on where it stopped.'
  static override examples = [
    '<%= config.bin %> pool:create demo --size 3 --type t3a.small --region us-east-1',
    {
      description: 'With a load balancer and HTTPS:',
      command: '<%= config.bin %> pool:create prod --balancer --certificate arn:aws:acm:… --yes',
    },
  ]
  static override args = {name: Args.string({name: 'NAME', description: 'Name of the pool.', required: true})}
  static override flags = {
    size: Flags.integer({summary: 'Hosts.', helpValue: 'N', default: 3, min: 1, max: 1000}),
    type: Flags.string({summary: 'Instance type.', helpValue: 'TYPE', default: 't3a.small'}),
    region: Flags.string({summary: 'Region (default: AWS_REGION).', helpValue: 'REGION'}),
    balancer: Flags.boolean({summary: 'A load balancer in front of the hosts.'}),
    certificate: Flags.string({summary: 'Certificate of the balancer’s HTTPS.', helpValue: 'ARN', dependsOn: ['balancer']}),
    stack: Flags.string({
      summary: 'Image below slugs, pulled by the hosts (default: heroku/heroku:24).',
      helpValue: 'IMAGE',
      exclusive: ['stack-archive'],
    }),
    'stack-archive': Flags.string({summary: 'The same as an archive (.tar of a file system), for closed networks.', helpValue: 'FILE'}),
    'stack-name': Flags.string({summary: 'The name slugs know it by.', helpValue: 'NAME', default: 'heroku-24'}),
    'host-image': Flags.string({summary: 'Machine image (default: the newest Amazon Linux 2023).', helpValue: 'AMI'}),
    yes: Flags.boolean({char: 'y', summary: 'Do not ask.'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(PoolCreate)
    const {size, balancer, certificate} = flags
    const wish = {
      name: args.name,
      size,
      instanceType: flags.type,
      hasBalancer: balancer,
      ...(certificate === undefined ? {} : {certificate}),
    }
    const plan = planSetup(wish)
    const archive = flags['stack-archive'] === undefined ? undefined : readableFile(flags['stack-archive'])
    const program = hostProgramFile(process.env)
    writeNow(2, renderSetup(args.name, plan))
    if (!flags.yes) await this.#ask()
    const settings = awsSettings()
    const aws = await Aws.open({...settings, region: flags.region ?? settings.region})
    const cloud = awsPoolCloud({
      aws,
      settings,
      name: args.name,
      stack: archive === undefined ? {image: flags.stack ?? 'heroku/heroku:24'} : {archive},
      stackName: flags['stack-name'],
      program,
      hostImage: flags['host-image'],
      connect: {
        self: this.settings.self,
        folder: this.settings.shortRuntimeDirs.at(-1) ?? this.settings.runtimeDir,
        env: this.settings.shellEnv,
      },
    })
    const {hosts, addresses} = await createPool(wish, cloud, {emit: event => this.tell(event), signal: this.stopSignal})
    if (!flags.json) {
      writeNow(1, renderHosts(hosts))
      writeNow(1, `The pool ${args.name} is ready at ${addresses.join(', ')}.\nNext: homeport deploy --target ec2 --pool ${args.name}\n`)
    }
    return {name: args.name, region: aws.region, hosts, addresses, monthlyUsd: plan.cost.monthlyUsd}
  }

  async #ask(): Promise<void> {
    if (!isTerminal(0) || !isTerminal(2))
      throw new HomeportError('USAGE', 'This costs money, so it asks, and there is nobody to ask.', {hint: 'Add --yes.'})
    const dialog = createInterface({input: process.stdin, output: process.stderr})
    const answer = await dialog.question('\nMake it? [y/N] ').finally(() => dialog.close())
    if (!/^y(es)?$/i.test(answer.trim())) throw new HomeportError('USAGE', 'Nothing was made.')
  }
}

function readableFile(path: string): string {
  const file = resolve(path)
  if (statSync(file, {throwIfNoEntry: false})?.isFile() === true) return file
  throw new HomeportError('FLAG_INVALID', `${path} is no file.`, {hint: 'Name a .tar of a file system with --stack-archive FILE.'})
}
