import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {createWriteStream, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {expect} from 'vitest'
import {imageArchive, slugImage, stackImage} from '../../../src/engines/pool/compose-image.ts'
import {stack} from '../../support/pool-values.ts'
import {test} from '../../support/temp-folder.ts'

const slug = `sha256:${'ab'.repeat(32)}`

test('an image is known by stack and slug alone: the slug is its last layer', () => {
  const image = slugImage(stack, slug)
  expect(image.id).toBe(`sha256:${createHash('sha256').update(image.config).digest('hex')}`)
  expect(JSON.parse(image.config)).toMatchObject({architecture: 'amd64', os: 'linux', rootfs: {diff_ids: ['sha256:1', slug]}})
  expect(slugImage({...stack, layers: ['sha256:2']}, slug).id).not.toBe(image.id)
  expect(slugImage(stack, slug)).toEqual(image)
  expect(stackImage(stack).id).not.toBe(image.id)
})

test('a name of it can be served by no registry', () => {
  expect(slugImage(stack, slug).tag).toBe(`homeport.invalid/slug:${'ab'.repeat(32)}`)
})

test('the archive has the layer unchanged, byte for byte, whatever its size', async ({folder}) => {
  for (const size of [0, 511, 512, 3_000_001]) {
    const layer = join(folder, 'layer')
    writeFileSync(layer, Buffer.alloc(size, 7))
    const image = slugImage(stack, slug)
    await pipeline(imageArchive(image, layer), createWriteStream(join(folder, 'image.tar')))
    execFileSync('tar', ['-xf', 'image.tar'], {cwd: folder})
    expect(readFileSync(join(folder, 'layer.tar')).equals(readFileSync(layer))).toBe(true)
    const [manifest] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    expect(manifest.Layers).toEqual(['below-0.tar', 'layer.tar'])
    expect(readFileSync(join(folder, manifest.Config), 'utf8')).toBe(image.config)
  }
})
