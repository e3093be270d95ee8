import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {freePort, type Program, startProgram} from './rig.ts'

/** The libraries from npm as they come, and with an agent that keeps connections, which they leave to their user. */
type LibraryName = 'http-proxy' | 'http-proxy+agent' | 'http-proxy-3+agent'
export type RouterName = 'homeport' | 'nginx' | 'haproxy' | LibraryName

const program = fileURLToPath(new URL('../../bin/homeport', import.meta.url))
const versions = {'http-proxy': '1.18.1', 'http-proxy-3': '2.0.1'} as const

/** Starts a router in front of one dyno: with forwarding headers, request ids and an access log, each as it does that best. */
export async function startRouter(
  name: RouterName,
  dynoPort: number,
  folder: string,
  options: {isTls?: boolean; dynoHosts?: readonly string[]} = {},
): Promise<Program> {
  const {isTls = false} = options
  const port = await freePort()
  const start = (file: string, args: readonly string[]) => startProgram(file, args, {core: 0, port})
  switch (name) {
    case 'homeport':
      return startHomeport([dynoPort], folder, {...options, port})
    case 'nginx':
      return start('nginx', ['-p', folder, '-c', write(folder, 'nginx.conf', nginxConfig(port, dynoPort, folder, isTls))])
    case 'haproxy':
      return start('haproxy', ['-db', '-f', write(folder, 'haproxy.cfg', haproxyConfig(port, dynoPort))])
    default:
      return start(process.execPath, [
        write(install(libraryOf(name), folder), `${name}.cjs`, httpProxyProgram(name, port, dynoPort, folder)),
      ])
  }
}

/** The router of this project in front of dynos, with its log in a file; TLS with an authority of its own. */
export async function startHomeport(
  dynoPorts: readonly number[],
  folder: string,
  {port, isTls = false, dynoHosts = ['127.0.0.1']}: {port?: number; isTls?: boolean; dynoHosts?: readonly string[]} = {},
): Promise<Program> {
  const listened = port ?? (await freePort())
  const plain = isTls ? await freePort() : listened
  const words = ['--port', plain, '--listen', '127.0.0.1', '--log-format', 'heroku', ...(isTls ? ['--tls', '--tls-port', listened] : [])]
  const route = [
    program,
    'router',
    ...words,
    '--route',
    `*=${dynoPorts.flatMap(dyno => dynoHosts.map(host => `${host}:${dyno}`)).join(',')}`,
  ]
  const home = `HOMEPORT_HOME='${join(folder, 'home')}'`
  const log = join(folder, 'homeport.log')
  return startProgram('sh', ['-c', `${home} exec ${route.map(word => `'${word}'`).join(' ')} >'${log}'`], {core: 0, port: listened})
}

/** A dyno that costs nothing: nginx answers small bodies, files and WebSocket-free uploads from memory. */
export async function startDyno(folder: string): Promise<Program> {
  const port = await freePort()
  mkdirSync(join(folder, 'www'), {recursive: true})
  writeFileSync(join(folder, 'www', 'large'), Buffer.alloc(100_000_000, 'homeport'))
  return startProgram('nginx', ['-p', folder, '-c', write(folder, 'dyno.conf', dynoConfig(port, folder))], {core: 1, port})
}

export function isInstalled(name: RouterName): boolean {
  return name === 'homeport' || name.startsWith('http-proxy') || spawnSync(name, ['-v']).error === undefined
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function temporaryPaths(folder: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${join(folder, 'tmp')}-${name};`).join(' ')
}

function nginxConfig(port: number, dynoPort: number, folder: string, isTls: boolean): string {
  return `user ${process.getuid?.() === 0 ? 'root' : 'nobody'}; worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.err;
events { worker_connections 30000; }
http {
  access_log ${folder}/nginx.log combined buffer=64k flush=1s;
  ${temporaryPaths(folder)} keepalive_requests 100000000; client_max_body_size 0; proxy_request_buffering off;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream dyno { server 127.0.0.1:${dynoPort}; keepalive 256; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${port} ${isTls ? 'ssl ' : ''}backlog=1024; ${isTls ? certificate(folder) : ''}
    location / {
      proxy_pass http://dyno; proxy_http_version 1.1; proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Request-Id $request_id; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port; proxy_set_header Via "1.1 nginx";
    } } }
`
}

/** Of the same kind as the router's own: P-256. */
function certificate(folder: string): string {
  const [cert, key] = [join(folder, 'nginx.pem'), join(folder, 'nginx.key')]
  if (!existsSync(cert)) {
    const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    const {status, stderr} = spawnSync('openssl', ['req', ...made, '-keyout', key, '-out', cert], {encoding: 'utf8'})
    if (status !== 0) throw new Error(`openssl: ${stderr}`)
  }
  return `ssl_certificate ${cert}; ssl_certificate_key ${key}; ssl_session_cache shared:s:1m;`
}

function haproxyConfig(port: number, dynoPort: number): string {
  return `global
  maxconn 9900
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s
  option httplog
  option forwardfor
  http-reuse always
frontend in
  bind 127.0.0.1:${port} backlog 1024
  unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid
  unique-id-header X-Request-Id
  log 127.0.0.1:9 local0
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port ${port}
  default_backend dyno
backend dyno
  server one 127.0.0.1:${dynoPort} maxconn 9900
`
}

function libraryOf(name: LibraryName): keyof typeof versions {
  return name === 'http-proxy-3+agent' ? 'http-proxy-3' : 'http-proxy'
}

function httpProxyProgram(name: LibraryName, port: number, dynoPort: number, folder: string): string {
  return `const {randomUUID} = require('node:crypto')
const http = require('node:http')
const log = require('node:fs').createWriteStream('${folder}/${name}.log')
const library = require('${libraryOf(name)}')
const agent = ${name.endsWith('+agent') ? 'new http.Agent({keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256})' : 'undefined'}
const proxy = (library.createProxyServer ?? library.default.createProxyServer)({target: 'http://127.0.0.1:${dynoPort}', xfwd: true, agent})
proxy.on('error', (error, request, response) => response.end?.())
const server = http.createServer({keepAliveTimeout: 60000}, (request, response) => {
  const id = request.headers['x-request-id'] ??= randomUUID()
  const started = Date.now()
  response.on('finish', () => log.write(request.method + ' ' + request.url + ' ' + id + ' ' + response.statusCode + ' ' + (Date.now() - started) + '\\n'))
  proxy.web(request, response)
})
server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head))
server.listen(${port}, '127.0.0.1', 1024)
`
}

function install(name: keyof typeof versions, folder: string): string {
  if (!existsSync(join(folder, 'node_modules', name))) {
    const {status, stderr} = spawnSync('npm', [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      folder,
      `${name}@${versions[name]}`,
    ])
    if (status !== 0) throw new Error(`npm install ${name}: ${stderr}`)
  }
  return folder
}

function dynoConfig(port: number, folder: string): string {
  return `user ${process.getuid?.() === 0 ? 'root' : 'nobody'}; worker_processes 1; daemon off; pid ${folder}/dyno.pid; error_log ${folder}/dyno.err;
events { worker_connections 30000; }
http {
  access_log off; ${temporaryPaths(folder)} keepalive_requests 100000000; keepalive_timeout 120s; sendfile on; tcp_nopush on;
  server { listen 127.0.0.1:${port} backlog=1024; root ${folder}/www;
    location = /small { default_type text/plain; return 200 "${'homeport'.repeat(16)}"; }
  } }
`
}
