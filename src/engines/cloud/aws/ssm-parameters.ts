import type {SSMClient} from '@aws-sdk/client-ssm'
import type {Parameters} from '../../../lib/parameters.ts'
import {type Aws, isMissing, isThere} from './aws.ts'
import {atAws} from './aws-error.ts'

/** Parameters of a pool in SSM, each a SecureString below `/homeport/<pool>/`. */
export function ssmParameters(client: SSMClient, pool: string): Parameters {
  const put = async (name: string, value: string, overwrite: boolean) => {
    const {PutParameterCommand} = await import('@aws-sdk/client-ssm')
    await client.send(new PutParameterCommand({Name: path(pool, name), Value: value, Type: 'SecureString', Overwrite: overwrite}))
  }
  return {
    async get(name) {
      const {GetParameterCommand} = await import('@aws-sdk/client-ssm')
      return await atAws(`read the parameter ${name} of the pool`, async () => {
        try {
          return (await client.send(new GetParameterCommand({Name: path(pool, name), WithDecryption: true}))).Parameter?.Value
        } catch (error) {
          if (isMissing(error)) return undefined
          throw error
        }
      })
    },
    create: (name, value) =>
      atAws(`write the parameter ${name} of the pool`, async () => {
        try {
          await put(name, value, false)
          return true
        } catch (error) {
          if (isThere(error)) return false
          throw error
        }
      }),
    put: (name, value) => atAws(`write the parameter ${name} of the pool`, () => put(name, value, true)),
  }
}

/** All parameters of a pool. */
export async function removeParameters(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteParameterCommand, GetParametersByPathCommand} = await import('@aws-sdk/client-ssm')
  const client = await aws.ssm()
  return await atAws('remove the join secret', async () => {
    const {Parameters: found = []} = await client.send(new GetParametersByPathCommand({Path: `/homeport/${pool}`, Recursive: true}))
    for (const {Name} of found) await client.send(new DeleteParameterCommand({Name}))
    return found.length > 0
  })
}

function path(pool: string, name: string): string {
  return `/homeport/${pool}/${name}`
}
