import type {AutoScalingClient} from '@aws-sdk/client-auto-scaling'
import type {EC2Client} from '@aws-sdk/client-ec2'
import type {ElasticLoadBalancingV2Client} from '@aws-sdk/client-elastic-load-balancing-v2'
import type {IAMClient} from '@aws-sdk/client-iam'
import type {KMSClient} from '@aws-sdk/client-kms'
import type {S3Client} from '@aws-sdk/client-s3'
import type {SSMClient} from '@aws-sdk/client-ssm'
import {HomeportError} from '../../../model/error.ts'
import {type AwsConfig, clientConfig} from './aws-config.ts'
import {atAws} from './aws-error.ts'

/** One region of an AWS account: clients that are loaded when they are first asked for, since the SDK takes a second to load. */
export class Aws {
  readonly region: string
  readonly account: string
  /** Who asks, as IAM names it: `arn:aws:iam::123456789012:user/ann`. */
  readonly user: string
  readonly #config: AwsConfig
  readonly #clients = new Map<string, Promise<unknown>>()

  private constructor(config: AwsConfig, {account, user}: {readonly account: string; readonly user: string}) {
    this.#config = config
    this.region = config.region
    this.account = account
    this.user = user
  }

  /** Asks AWS who we are: rejects with CREDENTIALS_MISSING or TARGET_FAILED before anything else is tried. */
  static async open({region, endpoint}: {readonly region: string | undefined; readonly endpoint: string | undefined}): Promise<Aws> {
    if (region === undefined || region === '') {
      throw new HomeportError('TARGET_FAILED', 'No AWS region is set.', {
        hint: 'Set AWS_REGION, for example `export AWS_REGION=us-east-1`.',
      })
    }
    const config = {region, ...(endpoint === undefined ? {} : {endpoint})}
    const {GetCallerIdentityCommand, STSClient} = await import('@aws-sdk/client-sts')
    const client = new STSClient(clientConfig(config))
    const {Account = '', Arn = ''} = await atAws('find out who you are', () => client.send(new GetCallerIdentityCommand({})))
    return new Aws(config, {account: Account, user: Arn})
  }

  /** The bucket of a pool: its name is the same for everybody of the account. */
  bucketOf(pool: string): string {
    return `homeport-${pool}-${this.account}-${this.region}`
  }

  s3(): Promise<S3Client> {
    return this.#client('s3', async config => {
      const {S3Client: Client} = await import('@aws-sdk/client-s3')
      return new Client({...config, ...(this.#config.endpoint === undefined ? {} : {forcePathStyle: true})})
    })
  }

  kms(): Promise<KMSClient> {
    return this.#client('kms', async config => new (await import('@aws-sdk/client-kms')).KMSClient(config))
  }

  ec2(): Promise<EC2Client> {
    return this.#client('ec2', async config => new (await import('@aws-sdk/client-ec2')).EC2Client(config))
  }

  autoScaling(): Promise<AutoScalingClient> {
    return this.#client('autoScaling', async config => new (await import('@aws-sdk/client-auto-scaling')).AutoScalingClient(config))
  }

  iam(): Promise<IAMClient> {
    return this.#client('iam', async config => new (await import('@aws-sdk/client-iam')).IAMClient(config))
  }

  ssm(): Promise<SSMClient> {
    return this.#client('ssm', async config => new (await import('@aws-sdk/client-ssm')).SSMClient(config))
  }

  balancers(): Promise<ElasticLoadBalancingV2Client> {
    return this.#client('elb', async config => {
      const {ElasticLoadBalancingV2Client: Client} = await import('@aws-sdk/client-elastic-load-balancing-v2')
      return new Client(config)
    })
  }

  #client<T>(name: string, make: (config: ReturnType<typeof clientConfig>) => Promise<T>): Promise<T> {
    const found = this.#clients.get(name) as Promise<T> | undefined
    if (found !== undefined) return found
    const made = make(clientConfig(this.#config))
    this.#clients.set(name, made)
    return made
  }
}

/** The tags that everything of a pool has, and by which it is found again. */
export function tagsOf(pool: string): readonly {readonly Key: string; readonly Value: string}[] {
  return [
    {Key: 'homeport:pool', Value: pool},
    {Key: 'Name', Value: `homeport-${pool}`},
  ]
}

/** Whether an answer of AWS means that something is not there. */
export function isMissing(error: unknown): boolean {
  const {name = '', Code = ''} = error as {name?: string; Code?: string}
  return (
    /NotFound|NoSuch|NotFoundException|\.NotFound|DoesNotExist/.test(`${name} ${Code}`) ||
    (name === 'ValidationError' && /not found/i.test((error as Error).message))
  )
}

/** Whether it means that it is there already. */
export function isThere(error: unknown): boolean {
  const {name = '', Code = ''} = error as {name?: string; Code?: string}
  return /AlreadyExists|Duplicate|EntityAlreadyExists|AlreadyOwnedByYou/.test(`${name} ${Code}`)
}
