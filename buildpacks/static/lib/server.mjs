// Serves the files of a static app. It travels in the slug, and reads static.json: root, clean_urls, routes, error_page.
import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {readFile, realpath, stat} from 'node:fs/promises'
import {createServer} from 'node:http'
import {extname, join, resolve, sep} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createGzip} from 'node:zlib'

const types = {
  '.avif': 'image/avif',
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.md': 'text/markdown',
  '.mjs': 'text/javascript',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.webm': 'video/webm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
}
const app = resolve(import.meta.dirname, '../..')
const settings = await readFile(join(app, 'static.json'), 'utf8').then(JSON.parse, () => ({}))
const root = await realpath(join(app, settings.root ?? '.'))
const notServed = new Set(['Procfile', 'static.json', 'app.json'])

const server = createServer((request, response) => {
  answer(request, response).catch(error => {
    if (response.headersSent) response.destroy()
    else if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') response.writeHead(500).end('internal error\n')
  })
})
server.listen(process.env.PORT, () => console.log(`Serving ${settings.root ?? 'the app'} on port ${server.address().port}`))
process.on('SIGTERM', () => server.close(() => process.exit(0)).closeIdleConnections())

async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405, {allow: 'GET, HEAD'}).end()
  const url = new URL(request.url.replace(/^\/+/, '/'), 'http://localhost')
  let path
  try {
    path = decodeURIComponent(url.pathname)
  } catch {
    return response.writeHead(400).end('bad request\n')
  }
  const file = await find(path)
  if (file?.redirect) return response.writeHead(301, {location: `${url.pathname}/${url.search}`}).end()
  if (file) return send(request, response, file, 200)
  const page = settings.error_page ?? '404.html'
  const error = await regularFile(join(root, page))
  if (error) return send(request, response, error, 404)
  response.writeHead(404, {'content-type': 'text/plain; charset=utf-8'}).end('not found\n')
}

/** The file for a path; one with a dot at the beginning of a name, and what only the platform reads, is not there. */
async function find(path) {
  const parts = path.split('/').filter(part => part !== '')
  const isHidden =
    parts.some(part => part.startsWith('.') && part !== '.well-known') || path.includes('\0') || (root === app && notServed.has(parts[0]))
  if (!isHidden) {
    const target = join(root, ...parts)
    const found = await regularFile(target)
    if (found && !path.endsWith('/')) return found
    const index = await regularFile(join(target, 'index.html'))
    if (index) return path.endsWith('/') ? index : {redirect: true}
    const clean = settings.clean_urls && parts.length > 0 ? await regularFile(`${target}.html`) : undefined
    if (clean) return clean
  }
  const route = Object.entries(settings.routes ?? {}).find(([pattern]) => matches(pattern, path))
  return route ? regularFile(join(root, route[1])) : undefined
}

function matches(pattern, path) {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map(part => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${source.join('')}$`).test(path)
}

async function regularFile(path) {
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined || !(real === root || real.startsWith(root + sep))) return undefined
  const found = await stat(real)
  return found.isFile() ? {path: real, size: found.size} : undefined
}

// Files of a dyno do not change under it, so a tag is made once. Times mean nothing in a slug.
const tags = new Map()
async function tagOf(path) {
  if (!tags.has(path)) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    tags.set(path, `"${hash.digest('base64url').slice(0, 27)}"`)
  }
  return tags.get(path)
}

async function send(request, response, {path, size}, status) {
  const type = types[extname(path).toLowerCase()] ?? 'application/octet-stream'
  const isText = /^text\/|json|javascript|xml|svg|wasm/.test(type)
  const tag = await tagOf(path)
  const headers = {'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type, 'x-content-type-options': 'nosniff'}
  if (isText) headers.vary = 'accept-encoding'
  if (status === 200) Object.assign(headers, {etag: tag, 'cache-control': 'public, max-age=0, must-revalidate', 'accept-ranges': 'bytes'})
  if (
    status === 200 &&
    request.headers['if-none-match']?.split(/\s*,\s*/).some(given => given === tag || given === `W/${tag}` || given === '*')
  ) {
    return response.writeHead(304, headers).end()
  }
  const range = status === 200 ? readRange(request, size, tag) : undefined
  if (range === null) return response.writeHead(416, {'content-range': `bytes */${size}`}).end()
  if (range) {
    response.writeHead(206, {
      ...headers,
      'content-range': `bytes ${range.start}-${range.end}/${size}`,
      'content-length': range.end - range.start + 1,
    })
    return request.method === 'HEAD' ? response.end() : pipeline(createReadStream(path, range), response)
  }
  const zips =
    isText &&
    size > 1024 &&
    /\bgzip\b/.test(request.headers['accept-encoding'] ?? '') &&
    !/\bgzip;q=0(\.0*)?\b/.test(request.headers['accept-encoding'])
  if (zips) Object.assign(headers, {'content-encoding': 'gzip', etag: `W/${tag}`})
  else headers['content-length'] = size
  response.writeHead(status, headers)
  if (request.method === 'HEAD') return response.end()
  return zips ? pipeline(createReadStream(path), createGzip(), response) : pipeline(createReadStream(path), response)
}

/** One range of bytes; undefined for the whole file, null for a range that does not exist. */
function readRange(request, size, tag) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
  if (!match || (match[1] === '' && match[2] === '') || (request.headers['if-range'] && request.headers['if-range'] !== tag))
    return undefined
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  return start > end || start >= size ? null : {start, end}
}
