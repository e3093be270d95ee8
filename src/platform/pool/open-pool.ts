import {Aws} from '../../engines/cloud/aws/aws.ts'
import {KmsKeys} from '../../engines/cloud/aws/kms-keys.ts'
import {listInstances} from '../../engines/cloud/aws/pool-hosts.ts'
import {listPools} from '../../engines/cloud/aws/pool-list.ts'
import {S3Bucket} from '../../engines/cloud/aws/s3-bucket.ts'
import {Swarm} from '../../engines/pool/swarm/swarm.ts'
import {HomeportError} from '../../model/error.ts'
import type {Emit} from '../../model/event.ts'
import {platformLimits} from '../../model/limits.ts'
import type {Pool} from '../../model/pool.ts'
import type {Settings} from '../../model/settings.ts'
import {hostWorkOf} from './host-work.ts'
import {machineId} from './machine-id.ts'
import {connectHosts} from './pool-connections.ts'
import type {PoolContext} from './pool-context.ts'

/** What the environment says about AWS (cli.md section 9): never flags. */
export type AwsSettings = {
  readonly region: string | undefined
  readonly endpoint: string | undefined
  readonly sshConfig: string | undefined
}

export type OpenPoolOptions = {
  readonly aws: AwsSettings
  readonly settings: Settings
  /** Default: the only pool that there is. */
  readonly name: string | undefined
  readonly pid: number
  readonly isAlive: (pid: number) => boolean
  readonly emit: Emit
  readonly signal?: AbortSignal
}

export type OpenPool = AsyncDisposable & {readonly context: PoolContext; readonly cloud: Aws}

/** The key of what a pool says about itself in its bucket. */
export const poolKey = 'pool.json'

/**
 * A pool by its name: its bucket, its key, the way to its engine. Rejects with CREDENTIALS_MISSING, RIGHT_MISSING, POOL_UNKNOWN
 * (exit 2), POOL_UNREACHABLE, TOOL_MISSING. What is opened is closed by its disposal.
 */
export async function openPool(options: OpenPoolOptions): Promise<OpenPool> {
  const {settings, emit, signal, pid, isAlive} = options
  const aws = await Aws.open(options.aws)
  const name = options.name ?? (await onlyPool(aws))
  const bucketName = aws.bucketOf(name)
  const bucket = new S3Bucket({client: await aws.s3(), bucket: bucketName, owner: aws.account})
  const pool = await readPool(bucket, name, aws)
  const {sshConfig, endpoint} = options.aws
  const connections = await connectHosts(await listInstances(aws, name), {
    aws,
    sshConfig,
    self: settings.self,
    folder: settings.shortRuntimeDirs.at(-1) ?? settings.runtimeDir,
    env: settings.shellEnv,
  })
  const context: PoolContext = {
    pool,
    bucket,
    engine: new Swarm({managers: connections.managers}),
    keys: new KmsKeys(await aws.kms(), `alias/homeport-${name}`),
    hostWork: hostWorkOf({pool, bucket: bucketName, endpoint}),
    deployer: {user: userName(aws.user), machine: machineId(settings), pid},
    isAlive,
    limits: platformLimits(settings.timeScale),
    emit,
    ...(signal === undefined ? {} : {signal}),
  }
  return {context, cloud: aws, [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose]()}
}

async function readPool(bucket: S3Bucket, name: string, aws: Aws): Promise<Pool> {
  const found = await bucket.get(poolKey).catch(error => {
    if (error instanceof HomeportError && error.hint !== undefined && /NoSuchBucket/.test(`${error.message} ${String(error.cause)}`))
      return undefined
    throw error
  })
  if (found !== undefined) return JSON.parse(found.bytes.toString()) as Pool
  const pools = await listPools(aws)
  throw new HomeportError('POOL_UNKNOWN', `There is no pool “${name}” in ${aws.region}.`, {
    hint:
      pools.length === 0
        ? `Make one with \`homeport pool:create ${name}\`, or set AWS_REGION to its region.`
        : `There are ${pools.join(', ')}.`,
  })
}

async function onlyPool(aws: Aws): Promise<string> {
  const pools = await listPools(aws)
  const [only] = pools
  if (only !== undefined && pools.length === 1) return only
  if (only === undefined)
    throw new HomeportError('POOL_UNKNOWN', `There is no pool in ${aws.region}.`, {
      hint: 'Make one with `homeport pool:create NAME`, or set AWS_REGION to its region.',
    })
  throw new HomeportError('USAGE', `There are several pools: ${pools.join(', ')}.`, {hint: 'Name one with --pool NAME.'})
}

/** `ann` of `arn:aws:iam::123456789012:user/ann`. */
function userName(arn: string): string {
  return arn.split('/').at(-1) ?? arn
}
