import {mkdtempSync, rmSync} from 'node:fs'
import {type ClientHttp2Session, connect as connectHttp2} from 'node:http2'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type ConnectionOptions, connect as connectTls, type TLSSocket} from 'node:tls'
import {type Authority, openAuthority} from '../../../src/engines/tls/authority.ts'
import {Certificates} from '../../../src/engines/tls/certificates.ts'
import {Peer} from './peer.ts'
import {test as base, type Rig, type RigOptions} from './rig.ts'

/** A rig whose router is reached by HTTPS too. */
export type SecureRig = Rig & {
  readonly authority: Authority
  readonly tlsPort: number
  /** A client that speaks bytes over TLS. */
  connectTls(options?: ConnectionOptions): Promise<Peer>
  /** A client's session of HTTP/2. */
  connectHttp2(host?: string): Promise<ClientHttp2Session>
}

export const test = base.extend<{makeSecureRig: (options?: RigOptions) => Promise<SecureRig>}>({
  makeSecureRig: async ({makeRig}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'homeport-test-'))
    const authority = await openAuthority({stateDir: folder}, [])
    const closing: (() => void)[] = []
    await use(async options => {
      const rig = await makeRig(options)
      const {port: tlsPort} = await rig.router.listenTls({port: 0, addresses: ['127.0.0.1'], certificates: new Certificates(authority)})
      return {
        ...rig,
        authority,
        tlsPort,
        async connectTls(more) {
          const socket = await openTls({port: tlsPort, host: '127.0.0.1', servername: 'app.localhost', ca: authority.certificate, ...more})
          closing.push(() => socket.destroy())
          return new Peer(socket)
        },
        async connectHttp2(host = 'app.localhost') {
          const socket = await openTls({
            port: tlsPort,
            host: '127.0.0.1',
            servername: host,
            ca: authority.certificate,
            ALPNProtocols: ['h2'],
          })
          const session = connectHttp2(`https://${host}:${tlsPort}`, {createConnection: () => socket})
          session.on('error', () => undefined)
          closing.push(() => session.destroy())
          await new Promise(resolve => session.once('remoteSettings', resolve))
          return session
        },
      }
    })
    for (const close of closing) close()
    rmSync(folder, {recursive: true})
  },
})

function openTls(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(options)
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })
}
