import {execFile} from 'node:child_process'
import {mkdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {describe, expect} from 'vitest'
import {trustCertificates, untrustCertificates} from '../../src/platform/trust-certificates.ts'
import {makeBrowser} from '../support/browser.ts'
import {type Started, test} from '../support/started.ts'

const run = promisify(execFile)

const certificateOf = (home: string) => join(home, 'state/authority/certificate.pem')
const tlsPort = (started: Started) => Number(/is ready: .* and https:\/\/localhost:(\d+)/.exec(started.log())?.[1])

describe('start --tls', () => {
  test.for([
    ['--http1.0', '1.1'],
    ['--http1.1', '1.1'],
    ['--http2', '2'],
  ] as const)('curl %s, with the authority trusted', async ([version, spoken], {homeports}) => {
    const started = homeports.start(homeports.app('hello', 'hello'), ['--tls'])
    await started.sees('hello is ready: http://localhost:')
    for (const host of ['localhost', '127.0.0.1', 'hello.localhost']) {
      const {stdout} = await run('curl', [
        ...['-sS', version, '--noproxy', '*', '--cacert', certificateOf(homeports.home), '-w', '%{http_version}'],
        ...['--resolve', `hello.localhost:${tlsPort(started)}:127.0.0.1`, `https://${host}:${tlsPort(started)}/`],
      ])
      expect(stdout).toBe(`Hello from web.1, release none\n${spoken}`)
    }
    await started.sees(
      /heroku\[router\]: at=info method=GET path="\/" host=hello\.localhost.* protocol=https tls=true tls_version=tls1\.3$/m,
    )
    expect(statSync(join(homeports.home, 'state/authority/key.pem')).mode & 0o777).toBe(0o600)
  })

  test('--tls-port: taken, exit 5; the ready event has both addresses; no authority without --tls', async ({homeports}) => {
    const root = homeports.app('hello', 'hello')
    const plain = homeports.start(root)
    await plain.sees('hello is ready')
    expect(() => statSync(certificateOf(homeports.home))).toThrow()
    const other = homeports.app('hello', 'other')
    const second = homeports.start(other, ['--tls-port', String(plain.port())])
    expect((await second.ended).code).toBe(5)
    expect(second.stderr()).toMatch(new RegExp(`Port ${plain.port()} is taken by .*\\n.*--tls-port`))
    const third = homeports.start(other, ['--tls', '--json'])
    await third.sees(/"type":"ready".*"httpsUrl":"https:\/\/localhost:\d+"/)
  })

  test('a domain that an older authority does not cover is told of', async ({homeports}) => {
    const root = homeports.app('hello', 'hello')
    const first = homeports.start(root, ['--tls', '--domain', 'www.example.org'])
    await first.sees('hello is ready')
    await first.sees('A certificate authority for this machine was made')
    expect(first.stderr()).not.toContain('There is no certificate')
    first.child.kill('SIGTERM')
    await first.ended
    const second = homeports.start(root, ['--tls', '--domain', 'www.example.org,shop.example.com'])
    await second.sees('There is no certificate for shop.example.com')
    expect(second.stderr()).not.toContain('was made.')
  })

  test('a key that would lie in the app’s folder is told of', async ({homeports}) => {
    const root = homeports.app('hello', 'hello')
    const started = homeports.start(root, ['--tls'], {env: {HOMEPORT_HOME: join(root, '.homeport')}})
    await started.sees("The key of --tls lies in the app's folder, where every dyno can read it.")
    const other = homeports.start(homeports.app('hello', 'other'), ['--tls'])
    await other.sees('other is ready')
    expect(other.stderr()).not.toContain('lies in the app')
  })

  test('a sandboxed dyno cannot read the key; a dyno of the process tier can, as certs:trust says', async ({homeports}) => {
    const key = join(homeports.home, 'state/authority/key.pem')
    const root = homeports.app({
      Procfile: 'web: sh look.sh',
      'look.sh': `sleep 0.5; cat ${key} && echo READ || echo HIDDEN; ls ${homeports.home} || echo HIDDEN TOO; exec sleep 60`,
    })
    const sandboxed = homeports.start(root, ['--tls', '--isolation', 'sandbox'])
    await sandboxed.sees(/HIDDEN[\s\S]*HIDDEN TOO/)
    expect(sandboxed.log()).not.toContain('READ')
    sandboxed.child.kill('SIGTERM')
    await sandboxed.ended
    expect(readFileSync(key, 'latin1')).toContain('PRIVATE KEY')
    const open = homeports.start(root, ['--tls', '--isolation', 'process'])
    await open.sees('READ')
  })
})

describe('a real browser', () => {
  test('page and WebSocket by HTTPS and HTTP/2, once the authority is trusted, and not before or after', async ({homeports}) => {
    const started = homeports.start(homeports.app('websocket', 'websocket'), ['--tls', '--domain', 'www.example.test'])
    await started.sees('websocket is ready')
    const settings = {stateDir: join(homeports.home, 'state'), shellEnv: {}}
    const browser = makeBrowser()
    const url = `https://websocket.localhost:${tlsPort(started)}/`
    const untrusted = await (await browser.open()).newPage()
    await expect(untrusted.goto(url)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')

    const trusted = await trustCertificates({settings, domains: [], stores: browser.stores})
    expect(trusted.stores).toEqual([expect.objectContaining({store: 'chromium', status: 'done'})])
    const context = await browser.open(['www.example.test', 'shop.example.com'])
    const page = await context.newPage()
    for (const host of ['websocket.localhost', 'www.example.test', 'localhost', '127.0.0.1']) {
      await page.goto(`https://${host}:${tlsPort(started)}/`)
      await expect.poll(() => page.title(), {timeout: 10_000}).toBe('hello')
      const seen = await page.evaluate(
        '({isSecure: isSecureContext, protocol: performance.getEntriesByType("navigation")[0].nextHopProtocol})',
      )
      expect(seen).toEqual({isSecure: true, protocol: 'h2'})
    }
    const shots = process.env['HOMEPORT_TEST_SCREENSHOTS']
    if (shots !== undefined) {
      mkdirSync(shots, {recursive: true})
      await page.goto(url)
      await expect.poll(() => page.title(), {timeout: 10_000}).toBe('hello')
      await page.screenshot({path: join(shots, 'tls-websocket.png')})
    }
    await expect(page.goto(`https://shop.example.com:${tlsPort(started)}/`)).rejects.toThrow('ERR_CERT_COMMON_NAME_INVALID')
    await context.close()
    await started.sees(/host=websocket\.localhost:\d+ .* status=101 .* protocol=https tls=true/)

    await untrustCertificates({settings, stores: browser.stores})
    const again = await (await browser.open()).newPage()
    await expect(again.goto(url)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
  })
})
