import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {tmpdir} from 'node:os'
import type {Aws} from '../../engines/cloud/aws/aws.ts'
import {makeBalancer} from '../../engines/cloud/aws/pool-balancer.ts'
import {listInstances, makeGroup, makeTemplate} from '../../engines/cloud/aws/pool-hosts.ts'
import {makeNetwork, type PoolNetwork} from '../../engines/cloud/aws/pool-network.ts'
import {makeRole, roleName} from '../../engines/cloud/aws/pool-role.ts'
import {makeBucket, makeKey} from '../../engines/cloud/aws/pool-storage.ts'
import {S3Bucket} from '../../engines/cloud/aws/s3-bucket.ts'
import {renderUserData} from '../../engines/cloud/aws/user-data.ts'
import {uploadSlug} from '../../engines/pool/slug-transfer.ts'
import {Swarm} from '../../engines/pool/swarm/swarm.ts'
import type {Bucket} from '../../lib/bucket.ts'
import {HomeportError} from '../../model/error.ts'
import type {Host, Pool, Stack} from '../../model/pool.ts'
import {instanceType} from '../../model/pool-cost.ts'
import type {PoolCloud} from './create-pool.ts'
import {edgeAddresses} from './edge-addresses.ts'
import {hostWorkOf} from './host-work.ts'
import {type AwsSettings, poolKey} from './open-pool.ts'
import {type ConnectOptions, connectHosts} from './pool-connections.ts'

export type StackChoice = {readonly image: string} | {readonly archive: string}

export type AwsPoolOptions = {
  readonly aws: Aws
  readonly settings: AwsSettings
  readonly name: string
  readonly stack: StackChoice
  readonly stackName: string
  /** The single binary that hosts run. */
  readonly program: string
  /** Another system image than the newest Amazon Linux. */
  readonly hostImage: string | undefined
  readonly connect: Omit<ConnectOptions, 'aws' | 'sshConfig'>
}

/** A pool on AWS, for `createPool`: what one step makes the next ones find again, in this run or a later one. */
export function awsPoolCloud(options: AwsPoolOptions): PoolCloud {
  const {aws, settings, name, stack, stackName, program, hostImage} = options
  const bucketName = aws.bucketOf(name)
  const bucket = async () => new S3Bucket({client: await aws.s3(), bucket: bucketName, owner: aws.account})
  let network: PoolNetwork | undefined
  let [key, profile, template, targetGroup] = ['', '', '', '']
  const haveNetwork = async () => (network ??= await makeNetwork(aws, name))
  return {
    makeStorage: async () => {
      await makeBucket(aws, name)
    },
    makeKey: async () => {
      key = await makeKey(aws, name)
    },
    makeRole: async () => {
      profile = await makeRole(aws, name, {bucket: bucketName, key})
    },
    makeNetwork: async () => {
      await haveNetwork()
    },
    makeBalancer: async certificate => {
      const balancer = await makeBalancer(aws, name, {network: await haveNetwork(), ...(certificate === undefined ? {} : {certificate})})
      targetGroup = balancer.targetGroup
      return balancer.address
    },
    makeTemplate: async (type, arch) => {
      const {endpoint} = settings
      const digest = await uploadProgram(await bucket(), program)
      const userData = renderUserData({
        pool: name,
        region: aws.region,
        bucket: bucketName,
        role: roleName(name),
        program: digest,
        hasLocalSsh: settings.sshConfig === undefined,
        ...(endpoint === undefined ? {} : {endpoint}),
      })
      const more = hostImage === undefined ? {} : {image: hostImage}
      template = await makeTemplate(aws, name, {instanceType: type, arch, network: await haveNetwork(), profile, userData, ...more})
    },
    makeHosts: async size => {
      const {subnets} = await haveNetwork()
      await makeGroup(aws, name, {size, template, subnets, targetGroups: targetGroup === '' ? [] : [targetGroup]})
    },
    writeStack: async () => await writeStack(await bucket(), stack, stackName),
    writePool: async (size, type, written) =>
      await writePool(await bucket(), {
        name,
        region: aws.region,
        size,
        instanceType: type,
        stack: {...written, arch: instanceType(type).arch},
      }),
    joinedHosts: () => withEngine(options, engine => engine.hosts()).catch(unlessUnreachable),
    finish: async () => {
      const store = await bucket()
      await withEngine(options, async engine => {
        const pool = await settleStack(store, engine)
        await engine.keepOnHosts(hostWorkOf({pool, bucket: bucketName, endpoint: settings.endpoint}).serve, {onlyManagers: true})
      })
    },
    edgeAddresses: () => withEngine(options, async engine => edgeAddresses(aws, {pool: {name} as Pool, engine})),
  }
}

async function withEngine<T>({aws, settings, name, connect}: AwsPoolOptions, action: (engine: Swarm) => Promise<T>): Promise<T> {
  await using connections = await connectHosts(await listInstances(aws, name), {...connect, aws, sshConfig: settings.sshConfig})
  return await action(new Swarm({managers: connections.managers}))
}

/** Hosts that boot cannot be reached yet. */
function unlessUnreachable(error: unknown): readonly Host[] {
  if (error instanceof HomeportError && (error.code === 'POOL_UNREACHABLE' || error.code === 'QUORUM_LOST')) return []
  throw error
}

async function uploadProgram(bucket: Bucket, file: string): Promise<string> {
  const digest = await digestOf(file)
  await bucket.createFromFile(`programs/${digest}`, file)
  return digest
}

/** An archive goes to the bucket as a slug does, by its hash; of an image the layers are known only when a host has it. */
async function writeStack(bucket: Bucket, choice: StackChoice, name: string): Promise<Stack> {
  const facts = {name, os: 'linux', arch: 'x64', libc: 'glibc'}
  if ('image' in choice) return {...facts, source: {kind: 'image', reference: choice.image}, layers: []}
  const digest = await digestOf(choice.archive)
  await uploadSlug(`sha256:${digest}`, choice.archive, {bucket, bases: [], folder: tmpdir()})
  return {...facts, source: {kind: 'archive', key: `slugs/${digest}/tar.zst`}, layers: [`sha256:${digest}`]}
}

/** A pool that is there keeps its stack: `pool:stack` changes it. */
async function writePool(bucket: Bucket, pool: Pool): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const found = await bucket.get(poolKey)
    if (found === undefined) {
      if (await bucket.create(poolKey, Buffer.from(JSON.stringify(pool)))) return
      continue
    }
    const known = JSON.parse(found.bytes.toString()) as Pool
    if (known.size > pool.size) {
      throw new HomeportError('FLAG_INVALID', `The pool ${pool.name} has ${known.size} hosts already, more than ${pool.size}.`, {
        hint: `To make it smaller: \`homeport pool:scale ${pool.name} --size ${pool.size}\`.`,
      })
    }
    const next = {...pool, stack: known.stack.layers.length > 0 ? known.stack : pool.stack}
    if (await bucket.replace(poolKey, Buffer.from(JSON.stringify(next)), found.tag)) return
  }
  throw new HomeportError('DEPLOY_CONFLICT', `Somebody else changes the pool ${pool.name} at the same time.`, {hint: 'Try again.'})
}

/** Learns the layers of a stack's image from a host that pulled it, and pins the image by its digest. */
async function settleStack(bucket: Bucket, engine: Swarm): Promise<Pool> {
  const found = await bucket.get(poolKey)
  if (found === undefined) throw new Error('The pool is not in its bucket')
  const pool = JSON.parse(found.bytes.toString()) as Pool
  const {source, layers} = pool.stack
  if (layers.length > 0 || source.kind === 'archive') return pool
  const facts = await engine.imageFacts(source.reference)
  const settled: Pool = {...pool, stack: {...pool.stack, source: {kind: 'image', reference: facts.reference}, layers: facts.layers}}
  await bucket.replace(poolKey, Buffer.from(JSON.stringify(settled)), found.tag)
  return settled
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
