import {createServer} from 'node:http'
import {join} from 'node:path'
import {expect, onTestFinished} from 'vitest'
import {DockerApi} from '../../../src/engines/pool/swarm/docker-api.ts'
import {dialSocket} from '../../../src/lib/dial.ts'
import {test} from '../../support/temp-folder.ts'

/** An engine that answers every call so. */
async function engine(path: string, status: number, message: string) {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify({message})))
  await new Promise<void>(resolve => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  return {name: path, dial: dialSocket(path)}
}

test('a manager that is left and has no leader is believed, whatever the lost ones do not say', async ({folder}) => {
  const left = await engine(join(folder, 'left'), 503, 'The swarm does not have a leader.')
  const lost = {name: 'lost', dial: dialSocket(join(folder, 'lost'))}
  for (const managers of [
    [left, lost],
    [lost, left],
  ]) {
    const api = new DockerApi({managers, leaderMs: 1})
    await expect(api.get('/nodes')).rejects.toMatchObject({
      code: 'QUORUM_LOST',
      exitCode: 7,
      hint: expect.stringContaining('--force-new-cluster'),
    })
  }
})

test('nobody answers: unreachable, not without a majority', async ({folder}) => {
  const lost = {name: 'lost', dial: dialSocket(join(folder, 'lost'))}
  const worker = await engine(join(folder, 'worker'), 503, 'This node is not a swarm manager.')
  for (const managers of [[lost], [lost, worker], [worker, lost]])
    await expect(new DockerApi({managers, leaderMs: 1}).get('/nodes')).rejects.toMatchObject({code: 'POOL_UNREACHABLE', exitCode: 7})
})
