import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type BrowserContext, chromium} from 'playwright-core'
import {onTestFinished} from 'vitest'
import {findNssStores} from '../../src/engines/tls/nss-stores.ts'
import type {TrustStore} from '../../src/engines/tls/trust-store.ts'

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Debian's chromium with a home of its own, where its store of certificates lies. */
export type Browser = {
  readonly stores: readonly TrustStore[]
  /** Opens it; `hosts` are names that lead to 127.0.0.1. */
  open(hosts?: readonly string[]): Promise<BrowserContext>
}

export function makeBrowser(): Browser {
  const home = mkdtempSync(join(tmpdir(), 'homeport-browser-'))
  onTestFinished(() => rmSync(home, {recursive: true, force: true}))
  const {PATH = ''} = process.env
  let profiles = 0
  return {
    stores: findNssStores({home, searchPath: PATH}),
    async open(hosts = []) {
      const context = await chromium.launchPersistentContext(join(home, `profile-${++profiles}`), {
        executablePath: '/usr/bin/chromium',
        headless: true,
        chromiumSandbox: false,
        args: [...flags, ...(hosts.length === 0 ? [] : [`--host-resolver-rules=${hosts.map(host => `MAP ${host} 127.0.0.1`).join(',')}`])],
        env: {PATH, HOME: home},
      })
      onTestFinished(() => context.close())
      return context
    },
  }
}
