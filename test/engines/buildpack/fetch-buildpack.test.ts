import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer, type RequestListener} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {type FetchOptions, fetchBuildpack} from '../../../src/engines/buildpack/fetch-buildpack.ts'
import {gitEnv} from '../../../src/engines/buildpack/git.ts'
import {parseBuildpackRef, type RefOrigin} from '../../../src/model/buildpack.ts'
import {recordingBuildpack} from '../../support/recording-buildpack.ts'
import {test as base} from '../../support/temp-folder.ts'

const test = base.extend('serve', async ({folder: _folder}, {onCleanup}) => async (listener: RequestListener) => {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onCleanup(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

const trusted: RefOrigin = {trusted: true}
const stranger: RefOrigin = {trusted: false, file: 'app.json'}

function fetchFrom(folder: string, ref: string, {origin = trusted, ...rest}: Partial<FetchOptions> & {origin?: RefOrigin} = {}) {
  const said: string[] = []
  const options: FetchOptions = {
    into: join(folder, 'into'),
    root: join(folder, 'app'),
    cwd: folder,
    shippedDir: join(folder, 'shipped'),
    shellEnv: {PATH: process.env['PATH'] ?? '', HOME: folder},
    signal: new AbortController().signal,
    limitMs: 20_000,
    graceMs: 100,
    say: text => said.push(text),
    ...rest,
  }
  mkdirSync(options.root, {recursive: true})
  const parsed = parseBuildpackRef(ref, {origin, shipped: ['nodejs']})
  return {fetching: fetchBuildpack(parsed, options), said}
}

function pack(dir: string) {
  return recordingBuildpack(dir, join(dir, 'record'), 'one')
}

function gitIn(dir: string, ...args: string[]): string {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: 'file',
    GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z',
    GIT_COMMITTER_DATE: '2020-01-01T00:00:00Z',
  }
  return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main', ...args], {
    cwd: dir,
    env,
    encoding: 'utf8',
  }).trim()
}

async function repository(dir: string): Promise<string> {
  await pack(dir)
  gitIn(dir, 'init', '-q')
  gitIn(dir, 'add', '-A')
  gitIn(dir, 'commit', '-qm', 'one')
  return gitIn(dir, 'rev-parse', 'HEAD')
}

function archive(folder: string, from: string, ...members: string[]): string {
  const file = join(folder, 'pack.tgz')
  execFileSync('tar', ['czf', file, '-C', from, ...members])
  return file
}

describe('a folder', () => {
  test('is copied, so that the build may write into it', async ({folder}) => {
    await pack(join(folder, 'mine'))
    const {dir, name, ref, commit} = await fetchFrom(folder, './mine').fetching
    writeFileSync(join(dir, 'export'), '')
    expect({name, ref, commit}).toEqual({name: 'mine', ref: './mine', commit: null})
    expect(existsSync(join(folder, 'mine/export'))).toBe(false)
  })

  test('named in a file of the app counts from the app and lies inside it', async ({folder}) => {
    await pack(join(folder, 'app/packs/mine'))
    await pack(join(folder, 'outside'))
    expect(await fetchFrom(folder, 'packs/mine', {origin: stranger}).fetching).toMatchObject({name: 'mine'})
    for (const path of ['../outside', join(folder, 'outside')]) {
      const refused = fetchFrom(folder, path, {origin: stranger}).fetching
      await expect(refused).rejects.toMatchObject({code: 'BUILDPACK_NOT_FOUND', place: {file: 'app.json'}})
    }
  })

  test('inside the app that is a link to the outside is refused', async ({folder}) => {
    await pack(join(folder, 'outside'))
    mkdirSync(join(folder, 'app'))
    symlinkSync('../outside', join(folder, 'app/link'))
    await expect(fetchFrom(folder, './link', {origin: stranger}).fetching).rejects.toMatchObject({code: 'BUILDPACK_NOT_FOUND'})
  })

  test.for(['./nope', 'heroku/ruby', './app'])('%s is no buildpack', async (ref, {folder}) => {
    await expect(fetchFrom(folder, ref).fetching).rejects.toMatchObject({code: 'BUILDPACK_NOT_FOUND', exitCode: 4})
  })
})

test('a shipped one comes with its family', async ({folder}) => {
  await pack(join(folder, 'shipped/nodejs'))
  mkdirSync(join(folder, 'shipped/lib'))
  writeFileSync(join(folder, 'shipped/lib/shared.sh'), '')
  const {dir, name} = await fetchFrom(folder, 'nodejs').fetching
  expect([name, existsSync(join(dir, '../lib/shared.sh'))]).toEqual(['nodejs', true])
})

describe('git', () => {
  test('clones the default branch and tells the commit', async ({folder}) => {
    const commit = await repository(join(folder, 'repo'))
    const {fetching, said} = fetchFrom(folder, `file://${folder}/repo`)
    expect(await fetching).toMatchObject({name: 'repo', commit, ref: `file://${folder}/repo`})
    expect(said).toEqual(['Cloning buildpack...'])
  })

  test('takes a branch, a tag, a whole or short commit', async ({folder}) => {
    const repo = join(folder, 'repo')
    const first = await repository(repo)
    gitIn(repo, 'tag', '-a', 'v1', '-m', 'v1')
    writeFileSync(join(repo, 'more'), '')
    gitIn(repo, 'checkout', '-qb', 'next')
    gitIn(repo, 'add', '-A')
    gitIn(repo, 'commit', '-qm', 'two')
    const second = gitIn(repo, 'rev-parse', 'HEAD')
    gitIn(repo, 'checkout', '-q', 'main')
    for (const [index, [revision, commit]] of [
      ['next', second],
      ['v1', first],
      [first, first],
      [second.slice(0, 10), second],
    ].entries()) {
      const {fetching} = fetchFrom(folder, `file://${repo}#${revision}`, {into: join(folder, `into${index}`)})
      expect((await fetching).commit).toBe(commit)
    }
  })

  test('says which revision is not there', async ({folder}) => {
    await repository(join(folder, 'repo'))
    const failed = fetchFrom(folder, `file://${folder}/repo#nope`).fetching
    await expect(failed).rejects.toMatchObject({code: 'BUILDPACK_NOT_FOUND', message: expect.stringContaining('“nope”')})
  })

  test('says when there is no repository, after one try', async ({folder}) => {
    const {fetching, said} = fetchFrom(folder, `file://${folder}/nope.git`)
    await expect(fetching).rejects.toMatchObject({code: 'BUILDPACK_NOT_FOUND'})
    expect(said).toEqual(['Cloning buildpack...'])
  })

  test('brings submodules', async ({folder}) => {
    const repo = join(folder, 'repo')
    await repository(repo)
    await repository(join(folder, 'part'))
    gitIn(repo, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${folder}/part`, 'part')
    gitIn(repo, 'commit', '-qm', 'part')
    const {dir} = await fetchFrom(folder, `file://${repo}`).fetching
    expect(existsSync(join(dir, 'part/bin/compile'))).toBe(true)
  })

  test('runs no hook, neither of a template nor of the user’s settings', async ({folder}) => {
    await repository(join(folder, 'repo'))
    for (const hooks of ['template/hooks', 'hooks']) {
      mkdirSync(join(folder, hooks), {recursive: true})
      writeFileSync(join(folder, hooks, 'post-checkout'), `#!/bin/sh\ntouch ${folder}/ran\n`, {mode: 0o755})
    }
    writeFileSync(join(folder, '.gitconfig'), `[init]\n\ttemplateDir = ${folder}/template\n[core]\n\thooksPath = ${folder}/hooks\n`)
    await fetchFrom(folder, `file://${folder}/repo`).fetching
    expect(existsSync(join(folder, 'ran'))).toBe(false)
  })

  test('may read file:// for a REF of the command line alone, asks nobody, and hides secrets from the process list', () => {
    const shellEnv = {PATH: '/bin', HOME: '/h', GIT_DIR: '/x', GIT_SSH_COMMAND: 'evil', HTTPS_PROXY: 'p', SECRET: 's'}
    expect(gitEnv({shellEnv, allowFile: false, secretUrl: 'https://x.org/y'})).toEqual({
      PATH: '/bin',
      HOME: '/h',
      HTTPS_PROXY: 'p',
      GIT_ALLOW_PROTOCOL: 'https:ssh:git',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      SSH_ASKPASS: '',
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
      LC_ALL: 'C',
    })
    expect(gitEnv({shellEnv, allowFile: true, secretUrl: 'https://a:b@x.org/y'})).toMatchObject({
      GIT_ALLOW_PROTOCOL: 'https:ssh:git:file',
      GIT_CONFIG_KEY_0: 'url.https://a:b@x.org/y.insteadOf',
      GIT_CONFIG_VALUE_0: 'https://x.org/y',
    })
  })
})

describe('an archive', () => {
  test('from a file, with bin at its top', async ({folder}) => {
    await pack(join(folder, 'mine'))
    archive(folder, join(folder, 'mine'), '.')
    const {dir, name} = await fetchFrom(folder, 'pack.tgz').fetching
    expect([name, existsSync(join(dir, 'bin/detect'))]).toEqual(['pack', true])
  })

  test('with one folder around everything, as GitHub makes it', async ({folder}) => {
    await pack(join(folder, 'mine'))
    archive(folder, folder, 'mine')
    const {dir} = await fetchFrom(folder, 'pack.tgz').fetching
    expect(existsSync(join(dir, 'bin/detect'))).toBe(true)
  })

  test('by http:// with the right sha256, and not with another', async ({folder, serve}) => {
    await pack(join(folder, 'mine'))
    const bytes = readFileSync(archive(folder, join(folder, 'mine'), '.'))
    const address = await serve((_request, response) => response.end(bytes))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(await fetchFrom(folder, `${address}/p.tgz#sha256=${sha256}`).fetching).toMatchObject({name: 'p'})
    const wrong = fetchFrom(folder, `${address}/p.tgz#sha256=${'0'.repeat(64)}`, {into: join(folder, 'other')}).fetching
    await expect(wrong).rejects.toMatchObject({code: 'BUILDPACK_NOT_FOUND', message: expect.stringContaining(sha256)})
  })

  test('follows redirections, and tells a final answer after one try', async ({folder, serve}) => {
    await pack(join(folder, 'mine'))
    const bytes = readFileSync(archive(folder, join(folder, 'mine'), '.'))
    let asked = 0
    const address = await serve((request, response) => {
      asked += 1
      if (request.url === '/a.tgz') response.writeHead(302, {location: '/b'}).end()
      else if (request.url === '/b') response.end(bytes)
      else response.writeHead(404).end()
    })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await fetchFrom(folder, `${address}/a.tgz#sha256=${sha256}`).fetching
    asked = 0
    const missing = fetchFrom(folder, `${address}/c.tgz#sha256=${sha256}`, {into: join(folder, 'other')}).fetching
    await expect(missing).rejects.toMatchObject({message: expect.stringContaining('404')})
    expect(asked).toBe(1)
  })

  test('is asked for three times when no answer comes in time', async ({folder, serve}) => {
    let asked = 0
    const address = await serve((_request, response) => {
      asked += 1
      response.write('x')
    })
    const {fetching, said} = fetchFrom(folder, `${address}/p.tgz#sha256=${'0'.repeat(64)}`, {limitMs: 150})
    await expect(fetching).rejects.toMatchObject({code: 'BUILDPACK_NOT_FOUND', message: expect.stringContaining('no answer')})
    expect([asked, said.length]).toEqual([3, 3])
  })

  test('is left alone at once when the build is over', async ({folder, serve}) => {
    const stop = new AbortController()
    const address = await serve(() => stop.abort(new Error('enough')))
    const {fetching} = fetchFrom(folder, `${address}/p.tgz#sha256=${'0'.repeat(64)}`, {signal: stop.signal})
    await expect(fetching).rejects.toThrow('enough')
  })
})

test('what is no archive is refused', async ({folder}) => {
  writeFileSync(join(folder, 'pack.tgz'), 'hello')
  await expect(fetchFrom(folder, 'pack.tgz').fetching).rejects.toMatchObject({code: 'ARCHIVE_REFUSED', exitCode: 4})
})
