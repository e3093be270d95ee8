import type {DynoGroup} from '../../src/model/dyno-group.ts'
import {dynoSize} from '../../src/model/dyno-size.ts'
import type {Host, PoolDyno, Stack} from '../../src/model/pool.ts'
import type {Release, ReleaseRecord} from '../../src/model/release.ts'

const mib = 1024 ** 2

export const stack: Stack = {
  name: 'heroku-24',
  source: {kind: 'archive', key: 'stacks/x'},
  layers: ['sha256:1'],
  os: 'linux',
  arch: 'x64',
  libc: 'glibc',
}

export function release(version: number, more: Partial<Release> = {}): Release {
  return {
    version,
    description: `Deploy ${version}`,
    slug: 'sha256:aa',
    stack: 'heroku-24',
    config: 'c0',
    processTypes: [
      ['web', 'node web.js'],
      ['worker', 'node worker.js'],
    ],
    user: 'ann',
    createdAt: '2026-11-25T00:00:00Z',
    ...more,
  }
}

export function record(version: number, status?: 'succeeded' | 'failed' | 'rolled_back'): ReleaseRecord {
  return {release: release(version), outcome: status === undefined ? undefined : {status, at: '2026-11-25T00:00:00Z'}}
}

export function group(more: Partial<DynoGroup> = {}): DynoGroup {
  return {
    app: 'shop',
    type: 'web',
    release: 1,
    slug: 'sha256:aa',
    image: 'sha256:bb',
    command: 'node web.js',
    quantity: 1,
    size: dynoSize('standard-1x'),
    config: 'c0',
    web: {bootMs: 60_000},
    domains: [],
    stopMs: 30_000,
    ...more,
  }
}

export function host(id: string, more: Partial<Host> = {}): Host {
  return {
    id,
    name: id,
    address: '10.0.0.1',
    state: 'ready',
    isManager: false,
    isLeader: false,
    dynos: 0,
    memoryBytes: 2048 * mib,
    memoryFreeBytes: 2048 * mib,
    os: 'linux',
    arch: 'x64',
    ...more,
  }
}

export function poolDyno(id: string, more: Partial<PoolDyno> = {}): PoolDyno {
  return {
    id,
    app: 'shop',
    dyno: 'web.1',
    type: 'web',
    release: 1,
    state: 'up',
    since: '2026-11-25T00:00:00Z',
    host: 'h1',
    address: '10.0.0.1',
    port: 32768,
    exitCode: undefined,
    message: undefined,
    ...more,
  }
}
