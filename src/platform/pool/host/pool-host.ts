import {join} from 'node:path'
import {Aws} from '../../../engines/cloud/aws/aws.ts'
import {readInstance} from '../../../engines/cloud/aws/instance.ts'
import {S3Bucket} from '../../../engines/cloud/aws/s3-bucket.ts'
import {ssmParameters} from '../../../engines/cloud/aws/ssm-parameters.ts'
import {Ledger, listApps} from '../../../engines/pool/ledger.ts'
import {HostDocker} from '../../../engines/pool/swarm/host-docker.ts'
import {Swarm} from '../../../engines/pool/swarm/swarm.ts'
import type {Bucket} from '../../../lib/bucket.ts'
import {dialSocket} from '../../../lib/dial.ts'
import {HomeportError} from '../../../model/error.ts'
import type {Emit} from '../../../model/event.ts'
import type {Limits} from '../../../model/limits.ts'
import type {Pool} from '../../../model/pool.ts'
import {hostFolder} from '../host-work.ts'
import {type AwsSettings, poolKey} from '../open-pool.ts'
import {fetchSlugs, fetchStack} from './fetch-slugs.ts'
import {joinHost} from './join-host.ts'
import {serveHost} from './serve-host.ts'

export type PoolHostOptions = {
  readonly aws: AwsSettings
  readonly pool: string
  readonly bucket: string
  readonly limits: Limits
  readonly emit: Emit
  readonly signal: AbortSignal
}

const dockerSocket = '/var/run/docker.sock'
const routerPort = 80

/** What this machine does as a host of a pool. `fetch`: gets slugs; `join`: comes into the pool; `serve`: routes, until it is stopped. */
export async function poolHost(work: string, slugs: readonly string[], options: PoolHostOptions): Promise<void> {
  const aws = await Aws.open(options.aws)
  const bucket = new S3Bucket({client: await aws.s3(), bucket: options.bucket})
  const found = await bucket.get(poolKey)
  if (found === undefined) throw new HomeportError('POOL_UNKNOWN', `The bucket ${options.bucket} has no pool.`)
  const pool = JSON.parse(found.bytes.toString()) as Pool
  const docker = new HostDocker(dialSocket(dockerSocket))
  const parameters = ssmParameters(await aws.ssm(), pool.name)
  const fetching = {bucket, docker, stack: pool.stack, folder: join(hostFolder, 'slugs')}
  if (work === 'fetch') await fetchSlugs([...new Set([...slugs, ...(await currentSlugs(bucket))])], fetching)
  else if (work === 'join') {
    // First what dynos need, then the pool: who takes work must be able to do it.
    const {id, address} = await readInstance()
    await fetchStack(fetching)
    if (pool.stack.layers.length > 0) await fetchSlugs(await currentSlugs(bucket), fetching)
    await joinHost({docker, parameters, address, host: id, size: pool.size})
  } else if (work === 'serve') {
    await serveHost({
      engine: new Swarm({managers: [{name: 'this host', dial: dialSocket(dockerSocket)}]}),
      docker,
      parameters,
      portsFile: join(hostFolder, 'ports.json'),
      port: routerPort,
      // What comes to the public address comes in here; dynos on this host need not see it.
      addresses: [(await readInstance()).address],
      limits: options.limits,
      emit: options.emit,
      signal: options.signal,
    })
  } else throw new HomeportError('USAGE', `A host cannot ${work}.`)
}

/** Slugs of the releases that serve, of all apps. */
async function currentSlugs(bucket: Bucket): Promise<readonly string[]> {
  const slugs = await Promise.all(
    (await listApps(bucket)).map(async app => {
      const ledger = new Ledger(bucket, app)
      const current = await ledger.current()
      return (await ledger.records()).find(({release}) => release.version === current)?.release.slug ?? []
    }),
  )
  return [...new Set(slugs.flat())]
}
