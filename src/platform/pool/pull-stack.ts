import {HomeportError} from '../../model/error.ts'
import type {Stack} from '../../model/pool.ts'
import type {PoolContext} from './pool-context.ts'

/** A stack from an image that a manager pulls; hosts pull it by its digest. Rejects with TARGET_FAILED when it cannot be pulled. */
export async function pullStack(image: string, {engine, pool}: PoolContext): Promise<Stack> {
  const facts = await engine.pullImage(image).catch(cause => {
    if (cause instanceof HomeportError) throw cause
    throw new HomeportError('TARGET_FAILED', `The hosts cannot pull ${image}.`, {
      hint: cause instanceof Error ? cause.message : String(cause),
      cause,
    })
  })
  const name = /heroku\/heroku:(\d+)/.exec(image)?.[1]
  return {
    ...pool.stack,
    name: name === undefined ? pool.stack.name : `heroku-${name}`,
    source: {kind: 'image', reference: facts.reference},
    layers: facts.layers,
  }
}
