import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {CreateKeyCommand, KMSClient} from '@aws-sdk/client-kms'
import {CreateBucketCommand, S3Client} from '@aws-sdk/client-s3'
import {afterAll, beforeAll, expect} from 'vitest'
import {KmsKeys} from '../../../src/engines/cloud/aws/kms-keys.ts'
import {S3Bucket} from '../../../src/engines/cloud/aws/s3-bucket.ts'
import {describeBucket} from '../../support/bucket-conformance.ts'
import {Moto, motoEnv} from '../../support/rig/moto.ts'
import {test} from '../../support/temp-folder.ts'

let moto: Moto
let client: S3Client

beforeAll(async () => {
  Object.assign(process.env, motoEnv)
  moto = await Moto.start()
  client = new S3Client({region: 'us-east-1', endpoint: moto.endpoint, forcePathStyle: true})
  await client.send(new CreateBucketCommand({Bucket: 'homeport-test'}))
})

afterAll(() => moto?.[Symbol.asyncDispose]())

describeBucket('of S3', async () => new S3Bucket({client, bucket: 'homeport-test'}))

test('a large file that was broken off goes on with the parts that are missing', async ({folder}) => {
  const file = join(folder, 'large')
  writeFileSync(file, Buffer.alloc(16 * 1024 ** 2 + 5, 'homeport '))
  const sent: string[] = []
  let failAt = 2
  client.middlewareStack.add(
    (next, context) => async args => {
      const {PartNumber} = args.input as {PartNumber?: number}
      if (context.commandName === 'UploadPartCommand') {
        if (PartNumber === failAt) throw Object.assign(new Error('gone'), {code: 'ECONNRESET'})
        sent.push(String(PartNumber))
      }
      return await next(args)
    },
    {step: 'initialize', name: 'gone'},
  )
  const bucket = new S3Bucket({client, bucket: 'homeport-test', partBytes: 6 * 1024 ** 2})
  await expect(bucket.createFromFile('large', file)).rejects.toMatchObject({code: 'POOL_UNREACHABLE', exitCode: 7})
  failAt = 0
  expect(await bucket.createFromFile('large', file)).toBe(true)
  client.middlewareStack.remove('gone')
  expect(sent).toEqual(['1', '2', '3'])
  expect((await bucket.get('large'))?.bytes.length).toBe(16 * 1024 ** 2 + 5)
})

test('keys of KMS open under their own context only', async () => {
  const kms = new KMSClient({region: 'us-east-1', endpoint: moto.endpoint})
  const {KeyMetadata} = await kms.send(new CreateKeyCommand({}))
  const keys = new KmsKeys(kms, KeyMetadata?.KeyId ?? '')
  const {key, sealed} = await keys.generate({app: 'shop'})
  expect(key).toHaveLength(32)
  expect((await keys.open(sealed, {app: 'shop'})).equals(key)).toBe(true)
  await expect(keys.open(sealed, {app: 'blog'})).rejects.toMatchObject({exitCode: 7})
})
