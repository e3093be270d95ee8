import {isIP} from 'node:net'

/** A rule for Host: a name, `*.example.com`, `anyAddress` for every IP literal, or `*` for whatever is left. */
export type HostRoute<T> = {readonly host: string; readonly to: T}

export const anyAddress = '<address>'

const rememberedHosts = 256

/**
 * Where a request goes by its Host (platform.md b.8). Port, letter case and one trailing dot are ignored; a name beats a
 * wildcard, the longer wildcard the shorter, and `*` comes last. A wildcard does not cover the bare domain.
 */
export class HostTable<T> {
  readonly #exact = new Map<string, T>()
  readonly #suffixes: {readonly suffix: string; readonly to: T}[] = []
  readonly #remembered = new Map<string, T | undefined>()
  #address: T | undefined
  #lastHost = ''
  #last: T | undefined

  constructor(routes: readonly HostRoute<T>[]) {
    for (const {host, to} of routes) {
      if (host.startsWith('*.')) this.#suffixes.push({suffix: normalHost(host.slice(1)), to})
      else if (host === anyAddress) this.#address = to
      else this.#exact.set(normalHost(host), to)
    }
    this.#suffixes.sort((a, b) => b.suffix.length - a.suffix.length)
  }

  find(host: string): T | undefined {
    if (host !== this.#lastHost) {
      this.#last = this.#recall(host)
      this.#lastHost = host
    }
    return this.#last
  }

  #recall(host: string): T | undefined {
    const known = this.#remembered.get(host)
    if (known !== undefined || this.#remembered.has(host)) return known
    const found = this.#find(normalHost(host))
    if (this.#remembered.size >= rememberedHosts) this.#remembered.clear()
    this.#remembered.set(host, found)
    return found
  }

  #find(host: string): T | undefined {
    const exact = this.#exact.get(host)
    if (exact !== undefined) return exact
    if (isAddress(host)) return this.#address ?? this.#exact.get('*')
    return this.#suffixes.find(({suffix}) => host.length > suffix.length && host.endsWith(suffix))?.to ?? this.#exact.get('*')
  }
}

/** A Host header without its port, in lower case, without one trailing dot. */
export function normalHost(host: string): string {
  const withoutPort = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) || host : host.replace(/:\d*$/, '')
  return withoutPort.toLowerCase().replace(/\.$/, '')
}

/** Names of this machine alone: only they may see what runs here, since any other name can be pointed here by a stranger (DNS rebinding). */
export function isLoopbackHost(host: string): boolean {
  const name = normalHost(host)
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || (isAddress(name) && name.startsWith('127.'))
}

function isAddress(name: string): boolean {
  return isIP(name.startsWith('[') ? name.slice(1, -1) : name) !== 0
}
