import {stackImage} from '../../engines/pool/compose-image.ts'
import type {HostJob} from '../../engines/pool/engine.ts'
import type {Pool, Stack} from '../../model/pool.ts'
import type {HostWork} from './pool-context.ts'

/** Where our program and its things lie on a host. */
export const hostProgram = '/opt/homeport/homeport'
export const hostFolder = '/var/lib/homeport'
const dockerSocket = '/var/run/docker.sock'

export type HostWorkOptions = {readonly pool: Pool; readonly bucket: string; readonly endpoint: string | undefined}

/** What our program does on the hosts of a pool: in a container of the stack, with the host's network, files and engine. */
export function hostWorkOf({pool, bucket, endpoint}: HostWorkOptions): HostWork & {readonly serve: HostJob} {
  const env = {
    HOMEPORT_HOME: `${hostFolder}/home`,
    AWS_REGION: pool.region,
    ...(endpoint === undefined ? {} : {AWS_ENDPOINT_URL: endpoint}),
  }
  const job = (name: string, words: readonly string[]): HostJob => ({
    name,
    image: workImage(pool.stack),
    argv: [hostProgram, '__pool-host', ...words],
    env,
    paths: ['/opt/homeport', hostFolder, dockerSocket],
  })
  return {
    fetchSlugs: slugs => job('homeport-fetch', ['fetch', pool.name, bucket, ...slugs]),
    serve: job('homeport-router', ['serve', pool.name, bucket]),
  }
}

function workImage(stack: Stack): string {
  return stack.source.kind === 'image' ? stack.source.reference : stackImage(stack).id
}
