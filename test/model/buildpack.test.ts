import {describe, expect, test} from 'vitest'
import {buildpackName, parseBuildpackRef, type RefOrigin, redactUrl, shippedBuildpacks} from '../../src/model/buildpack.ts'
import {HomeportError} from '../../src/model/error.ts'

const trusted: RefOrigin = {trusted: true}
const stranger: RefOrigin = {trusted: false, file: 'app.json'}
const sha = 'a'.repeat(64)

function parse(text: string, origin = trusted) {
  return parseBuildpackRef(text, {origin, shipped: shippedBuildpacks})
}

describe('parseBuildpackRef', () => {
  test.for<[string, object]>([
    ['nodejs', {kind: 'shipped', name: 'nodejs'}],
    ['heroku/python', {kind: 'shipped', name: 'python'}],
    ['./pack', {kind: 'folder', path: './pack'}],
    ['/opt/pack', {kind: 'folder', path: '/opt/pack'}],
    ['heroku/ruby', {kind: 'folder', path: 'heroku/ruby'}],
    ['packs/my.tgz', {kind: 'archive-file', path: 'packs/my.tgz'}],
    [`my.tar.gz#sha256=${sha}`, {kind: 'archive-file', path: 'my.tar.gz', sha256: sha}],
    ['https://x.org/y/z.tgz', {kind: 'archive-url', url: 'https://x.org/y/z.tgz'}],
    [`http://x.org/z.tgz#sha256=${sha.toUpperCase()}`, {kind: 'archive-url', url: 'http://x.org/z.tgz', sha256: sha}],
    ['https://x.org/a/archive/main.tar.gz?x=1', {kind: 'archive-url', url: 'https://x.org/a/archive/main.tar.gz?x=1'}],
    ['https://github.com/kr/heroku-buildpack-inline', {kind: 'git', url: 'https://github.com/kr/heroku-buildpack-inline'}],
    ['https://github.com/x/y.git#v1.2', {kind: 'git', url: 'https://github.com/x/y.git', revision: 'v1.2'}],
    ['ssh://git@x.org/y.git#abc', {kind: 'git', url: 'ssh://git@x.org/y.git', revision: 'abc'}],
    ['git@github.com:x/y.git#main', {kind: 'git', url: 'git@github.com:x/y.git', revision: 'main'}],
    ['file:///srv/pack.git', {kind: 'git', url: 'file:///srv/pack.git'}],
  ])('%s', ([text, parts]) => {
    expect(parse(text)).toMatchObject(parts)
  })

  test.for<[string, RefOrigin, string, number]>([
    ['--upload-pack=x', trusted, 'FLAG_INVALID', 2],
    ['-x', stranger, 'FLAG_INVALID', 2],
    ['', trusted, 'FLAG_INVALID', 2],
    ['https://x.org/y.git#--upload-pack=evil', stranger, 'FLAG_INVALID', 2],
    ['ext::sh -c id', trusted, 'BUILDPACK_NOT_FOUND', 4],
    ['http://x.org/y.git', trusted, 'BUILDPACK_NOT_FOUND', 4],
    ['http://x.org/y.tgz', trusted, 'BUILDPACK_NOT_FOUND', 4],
    ['http://x.org/y.tgz#sha256=123', trusted, 'BUILDPACK_NOT_FOUND', 4],
    ['ftp://x.org/y', trusted, 'BUILDPACK_NOT_FOUND', 4],
    ['file:///srv/pack.git', stranger, 'BUILDPACK_NOT_FOUND', 4],
    ['https://', trusted, 'BUILDPACK_NOT_FOUND', 4],
  ])('refuses “%s”', ([text, origin, code, exitCode]) => {
    expect(() => parse(text, origin)).toThrow(expect.objectContaining({code, exitCode}))
  })

  test('cuts user, password and query out of what it says about a refused one', () => {
    try {
      parse('http://user:secret@x.org/y.tgz?token=secret')
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(HomeportError)
      expect(String(error)).toContain('http://x.org/y.tgz')
      expect(String(error)).not.toContain('secret')
    }
  })

  test('keeps the secrets of a URL for the fetch alone', () => {
    const ref = parse('https://me:secret@x.org/y.git#v1')
    expect(ref).toMatchObject({url: 'https://me:secret@x.org/y.git', text: 'https://x.org/y.git#v1'})
  })
})

describe('redactUrl', () => {
  test.for([
    ['https://me:pw@x.org/y?z=1#v', 'https://x.org/y#v'],
    ['https://token@x.org/y', 'https://x.org/y'],
    ['fatal: unable to access ‘https://a:b@x.org/y/’', 'fatal: unable to access ‘https://x.org/y/’'],
    ['git@github.com:x/y.git', 'github.com:x/y.git'],
    ['https://x.org/@scope/y', 'https://x.org/@scope/y'],
    ['./a@b/c', './a@b/c'],
    ['no url: at all', 'no url: at all'],
  ] as const)('%s', ([text, redacted]) => {
    expect(redactUrl(text)).toBe(redacted)
  })
})

test.for([
  ['nodejs', 'nodejs'],
  ['https://github.com/kr/heroku-buildpack-inline.git#main', 'heroku-buildpack-inline'],
  ['https://codon.example/buildpacks/heroku/nodejs.tgz', 'nodejs'],
  ['git@github.com:x/y.git', 'y'],
  ['./packs/mine/', 'mine'],
  ['.', '.'],
] as const)('%s is called %s', ([text, name]) => {
  expect(buildpackName(parse(text))).toBe(name)
})
