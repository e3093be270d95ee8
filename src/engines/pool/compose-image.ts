import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import {Readable} from 'node:stream'
import {TarHeaders, tarEndBytes, tarPadding} from '../../lib/tar-header.ts'
import type {Stack} from '../../model/pool.ts'

/** An image of a stack and, over it, a slug as its last layer; known by its id before any host made it. */
export type ComposedImage = {
  /** `sha256:…` of the config: what an engine is told to run. It depends on stack and slug alone. */
  readonly id: string
  readonly config: string
  /** A name beside the id, so that no prune of the engine's own takes it for rubbish. `.invalid`: nobody can ever serve it. */
  readonly tag: string
}

/** The image of a slug over a stack: the slug's layer is its canonical tar unchanged, so its diff id is the slug's id. */
export function slugImage(stack: Stack, slug: string): ComposedImage {
  const history = [...stack.layers.map(() => ({created_by: stack.name})), {created_by: 'homeport slug'}]
  const config = {
    WorkingDir: '/app',
    User: '1000:1000',
    Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/app'],
    Labels: {'homeport.slug': slug, 'homeport.stack': stack.name},
  }
  return compose(stack, {layers: [...stack.layers, slug], history, config, tag: `homeport.invalid/slug:${slug.slice('sha256:'.length)}`})
}

/** The image of a stack alone, from the archive that is its one layer; our own work on a host runs in it. */
export function stackImage(stack: Stack): ComposedImage {
  const history = stack.layers.map(() => ({created_by: stack.name}))
  const config = {Labels: {'homeport.stack': stack.name}, Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']}
  const digest = createHash('sha256').update(stack.layers.join()).digest('hex')
  return compose(stack, {layers: stack.layers, history, config, tag: `homeport.invalid/stack:${digest}`})
}

type Parts = {readonly layers: readonly string[]; readonly history: readonly object[]; readonly config: object; readonly tag: string}

function compose({arch, os}: Stack, {layers, history, config, tag}: Parts): ComposedImage {
  const architecture = {x64: 'amd64', arm64: 'arm64'}[arch] ?? arch
  const text = JSON.stringify({
    architecture,
    config,
    created: '1970-01-01T00:00:00Z',
    history,
    os,
    rootfs: {diff_ids: layers, type: 'layers'},
  })
  return {id: `sha256:${createHash('sha256').update(text).digest('hex')}`, config: text, tag}
}

const headers = new TarHeaders({uid: 0, gid: 0, mtimeSeconds: 0, paxName: 'PaxHeader'})

/**
 * The archive that `docker load` takes for an image whose last layer is the file `layer`. Layers below it that the host has are named
 * and not sent: the engine looks by their ids first.
 */
export function imageArchive(image: ComposedImage, layer: string): Readable {
  return Readable.from(archiveParts(image, layer))
}

async function* archiveParts({id, config, tag}: ComposedImage, layer: string): AsyncGenerator<Buffer> {
  const name = id.slice('sha256:'.length)
  const {length} = (JSON.parse(config) as {rootfs: {diff_ids: readonly string[]}}).rootfs.diff_ids
  const layers = [...Array(length).keys()].map(index => (index === length - 1 ? 'layer.tar' : `below-${index}.tar`))
  yield* member(`${name}.json`, Buffer.from(config))
  yield* member('manifest.json', Buffer.from(JSON.stringify([{Config: `${name}.json`, RepoTags: [tag], Layers: layers}])))
  const {size} = await stat(layer)
  yield header('layer.tar', size)
  for await (const chunk of createReadStream(layer, {highWaterMark: 1024 * 1024})) yield chunk as Buffer
  yield Buffer.alloc(tarPadding(size) + tarEndBytes)
}

function* member(name: string, bytes: Buffer): Generator<Buffer> {
  yield header(name, bytes.length)
  yield bytes
  yield Buffer.alloc(tarPadding(bytes.length))
}

function header(name: string, sizeBytes: number): Buffer {
  return headers.header({name, kind: 'file', mode: 0o644, sizeBytes})
}
