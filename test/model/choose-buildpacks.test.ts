import {describe, expect, test} from 'vitest'
import {chooseBuildpacks} from '../../src/model/choose-buildpacks.ts'

const all = {
  flags: ['./flag'],
  buildpackUrl: 'https://x.org/url',
  dotBuildpacks: 'https://x.org/dot',
  appJson: ['https://x.org/json'],
  projectToml: '[[io.buildpacks.group]]\nuri = "https://x.org/toml"\n',
}

describe('chooseBuildpacks', () => {
  test('asks flags, BUILDPACK_URL, .buildpacks, app.json, project.toml, in that order', () => {
    const order: string[] = []
    const left: Record<string, unknown> = {...all}
    for (const key of Object.keys(all)) {
      order.push(chooseBuildpacks(left)[0]?.text ?? '')
      delete left[key]
    }
    expect(order).toEqual(['./flag', 'https://x.org/url', 'https://x.org/dot', 'https://x.org/json', 'https://x.org/toml'])
    expect(chooseBuildpacks({})).toEqual([])
  })

  test('trusts the command line alone', () => {
    expect(chooseBuildpacks(all)[0]?.origin).toEqual({trusted: true})
    expect(chooseBuildpacks({...all, flags: []})[0]?.origin).toEqual({trusted: false, file: 'BUILDPACK_URL'})
  })

  test.for<[string, object, string[]]>([
    ['several flags', {flags: ['a', 'b']}, ['a', 'b']],
    ['comments and blank lines in .buildpacks', {dotBuildpacks: '# x\r\n\r\n  a#v1  \nb\n'}, ['a#v1', 'b']],
    ['an empty list falls through', {appJson: [], projectToml: '[[io.buildpacks.group]]\nid = "heroku/go" # x\n'}, ['heroku/go']],
    ['uri before id', {projectToml: '[[build.buildpacks]]\nid = "a"\nuri = \'b\'\n\n[other]\nid = "c"\n'}, ['b']],
    ['an empty BUILDPACK_URL counts for nothing', {buildpackUrl: ' ', dotBuildpacks: 'a'}, ['a']],
  ])('%s', ([, wishes, texts]) => {
    expect(chooseBuildpacks(wishes).map(({text}) => text)).toEqual(texts)
  })
})
