import type {Bucket} from '../../lib/bucket.ts'
import {HomeportError} from '../../model/error.ts'
import type {Pool} from '../../model/pool.ts'
import {poolKey} from './open-pool.ts'

const maxAttempts = 10

/** Changes what a pool says about itself, over what others changed meanwhile. */
export async function changePool(bucket: Bucket, change: (pool: Pool) => Pool): Promise<Pool> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const found = await bucket.get(poolKey)
    if (found === undefined) break
    const next = change(JSON.parse(found.bytes.toString()) as Pool)
    if (await bucket.replace(poolKey, Buffer.from(JSON.stringify(next)), found.tag)) return next
  }
  throw new HomeportError('DEPLOY_CONFLICT', 'Somebody else changes the pool at the same time.', {hint: 'Try again.'})
}
