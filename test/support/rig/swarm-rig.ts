import {copyFileSync, createWriteStream, existsSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {type ComposedImage, imageArchive, slugImage, stackImage} from '../../../src/engines/pool/compose-image.ts'
import {Swarm} from '../../../src/engines/pool/swarm/swarm.ts'
import type {Stack} from '../../../src/model/pool.ts'
import {until} from '../until.ts'
import {digestOf, type TestSlug} from './make-slug.ts'
import {cacheFolder, Rig} from './rig.ts'
import type {RigHost} from './rig-host.ts'

/** The stack of the tests, an archive. */
export async function testStack(): Promise<Stack> {
  const layer = await digestOf(join(cacheFolder(), 'stack.tar'))
  return {
    name: 'heroku-24',
    source: {kind: 'archive', key: `stacks/${layer.slice('sha256:'.length)}.tar`},
    layers: [layer],
    os: 'linux',
    arch: 'x64',
    libc: 'glibc',
  }
}

/** Hosts m1, m2, m3 with Docker's swarm over them, all managers, and the stack on each. */
export async function swarmRig(count = 3): Promise<{rig: Rig; engine: Swarm; stack: Stack}> {
  const rig = await Rig.create()
  const stack = await testStack()
  const stackArchive = join(rig.folder, 'stack-image.tar')
  await pipeline(imageArchive(stackImage(stack), join(cacheFolder(), 'stack.tar')), createWriteStream(stackArchive))
  const hosts = await Promise.all([...Array(count).keys()].map(index => rig.boot(`m${index + 1}`, `172.31.0.${21 + index}`)))
  await Promise.all(hosts.map(host => host.exec('systemctl', 'start', 'docker')))
  const [first, ...others] = hosts
  if (first === undefined) throw new Error('A pool needs a host.')
  await first.exec('docker', 'swarm', 'init', '--advertise-addr', first.address)
  const token = (await first.exec('docker', 'swarm', 'join-token', '-q', 'manager')).trim()
  for (const host of others) {
    let said = ''
    // On a busy machine a join says that it goes on in the background, and now and then it fails.
    await until(
      () => `${host.name} to join: ${said}`,
      async () => {
        const state = await host.exec('docker', 'info', '--format', '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}')
        if (state === 'active true\n') return true
        if (state.startsWith('inactive')) {
          await host.exec('docker', 'swarm', 'join', '--token', token, `${first.address}:2377`).catch(error => {
            said = String(error.stderr)
          })
        }
        return false
      },
      120_000,
    )
  }
  await Promise.all(hosts.map(host => host.exec('systemctl', 'enable', '-q', 'docker')))
  await Promise.all(hosts.map(host => loadArchive(host, stackArchive)))
  return {rig, stack, engine: new Swarm({managers: hosts.map(host => ({name: host.name, address: host.address, dial: host.docker}))})}
}

/** Makes the image of a slug on every host that is on. */
export async function loadSlug(rig: Rig, stack: Stack, slug: TestSlug): Promise<ComposedImage> {
  const image = slugImage(stack, slug.id)
  const archive = join(rig.folder, `${slug.id.slice(7, 19)}.image.tar`)
  if (!existsSync(archive)) await pipeline(imageArchive(image, slug.tar), createWriteStream(archive))
  await Promise.all(rig.hosts.filter(host => host.isOn).map(host => loadArchive(host, archive)))
  return image
}

async function loadArchive(host: RigHost, archive: string): Promise<void> {
  const inside = `/var/tmp/${Date.now()}.tar`
  copyFileSync(archive, host.path(inside))
  await host.exec('docker', 'load', '-q', '-i', inside)
  rmSync(host.path(inside))
}
