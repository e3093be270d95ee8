import type {BucketLocationConstraint} from '@aws-sdk/client-s3'
import {type Aws, isMissing, isThere, tagsOf} from './aws.ts'
import {atAws} from './aws-error.ts'

/** The bucket of a pool: versioned, encrypted, closed to the public. Does what is not done yet. */
export async function makeBucket(aws: Aws, pool: string): Promise<string> {
  const {
    CreateBucketCommand,
    HeadBucketCommand,
    PutBucketEncryptionCommand,
    PutBucketTaggingCommand,
    PutBucketVersioningCommand,
    PutPublicAccessBlockCommand,
  } = await import('@aws-sdk/client-s3')
  const client = await aws.s3()
  const Bucket = aws.bucketOf(pool)
  await atAws(`create the bucket ${Bucket}`, async () => {
    const isKnown = await client.send(new HeadBucketCommand({Bucket})).then(
      () => true,
      error => {
        if (isMissing(error)) return false
        throw error
      },
    )
    const constraint = aws.region as BucketLocationConstraint
    const where = aws.region === 'us-east-1' ? {} : {CreateBucketConfiguration: {LocationConstraint: constraint}}
    if (!isKnown) await client.send(new CreateBucketCommand({Bucket, ...where})).catch(unlessThere)
    const closed = {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
    await client.send(new PutPublicAccessBlockCommand({Bucket, PublicAccessBlockConfiguration: closed}))
    await client.send(new PutBucketVersioningCommand({Bucket, VersioningConfiguration: {Status: 'Enabled'}}))
    const rules = [{ApplyServerSideEncryptionByDefault: {SSEAlgorithm: 'AES256' as const}}]
    await client.send(new PutBucketEncryptionCommand({Bucket, ServerSideEncryptionConfiguration: {Rules: rules}}))
    await client.send(new PutBucketTaggingCommand({Bucket, Tagging: {TagSet: [...tagsOf(pool)]}}))
  })
  return Bucket
}

/** The key for config vars, by its alias; made when there is none. Resolves with its ARN. */
export async function makeKey(aws: Aws, pool: string): Promise<string> {
  const {CreateAliasCommand, CreateKeyCommand, EnableKeyRotationCommand} = await import('@aws-sdk/client-kms')
  const found = await findKey(aws, pool)
  if (found !== undefined) return found.arn
  const client = await aws.kms()
  return await atAws('create the key for config vars', async () => {
    const tags = tagsOf(pool).map(({Key, Value}) => ({TagKey: Key, TagValue: Value}))
    const {KeyMetadata} = await client.send(new CreateKeyCommand({Description: `Homeport pool ${pool}: config vars`, Tags: tags}))
    await client.send(new CreateAliasCommand({AliasName: aliasOf(pool), TargetKeyId: KeyMetadata?.KeyId ?? ''}))
    await client.send(new EnableKeyRotationCommand({KeyId: KeyMetadata?.KeyId ?? ''}))
    return KeyMetadata?.Arn ?? ''
  })
}

export async function findKey(aws: Aws, pool: string): Promise<{readonly id: string; readonly arn: string} | undefined> {
  const {DescribeKeyCommand} = await import('@aws-sdk/client-kms')
  const client = await aws.kms()
  return await atAws('look for the key of config vars', async () => {
    try {
      const {KeyMetadata} = await client.send(new DescribeKeyCommand({KeyId: aliasOf(pool)}))
      const {KeyId = '', Arn = '', KeyState} = KeyMetadata ?? {}
      return KeyState === 'Enabled' ? {id: KeyId, arn: Arn} : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  })
}

/** Takes the key away in 7 days, the least that KMS allows; its alias at once. */
export async function removeKey(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteAliasCommand, ScheduleKeyDeletionCommand} = await import('@aws-sdk/client-kms')
  const key = await findKey(aws, pool)
  if (key === undefined) return false
  const client = await aws.kms()
  await atAws('remove the key of config vars', async () => {
    await client.send(new DeleteAliasCommand({AliasName: aliasOf(pool)}))
    await client.send(new ScheduleKeyDeletionCommand({KeyId: key.id, PendingWindowInDays: 7}))
  })
  return true
}

/** Every version of every object, then the bucket. */
export async function removeBucket(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteBucketCommand, DeleteObjectsCommand, ListObjectVersionsCommand} = await import('@aws-sdk/client-s3')
  const client = await aws.s3()
  const Bucket = aws.bucketOf(pool)
  return await atAws(`remove the bucket ${Bucket}`, async () => {
    try {
      for (;;) {
        const {Versions = [], DeleteMarkers = []} = await client.send(new ListObjectVersionsCommand({Bucket, MaxKeys: 1000}))
        const objects = [...Versions, ...DeleteMarkers].map(({Key, VersionId}) => ({Key, VersionId}))
        if (objects.length === 0) break
        await client.send(new DeleteObjectsCommand({Bucket, Delete: {Objects: objects, Quiet: true}}))
      }
      await client.send(new DeleteBucketCommand({Bucket}))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  })
}

function aliasOf(pool: string): string {
  return `alias/homeport-${pool}`
}

function unlessThere(error: unknown): void {
  if (!isThere(error) || (error as Error).name === 'BucketAlreadyExists') throw error
}
