import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseAppJson} from '../../src/model/parse-app-json.ts'
import realFiles from '../cases/app-jsons.json' with {type: 'json'}
import {placesOf} from '../support/peer-cases.ts'

const parse = (text: string) => parseAppJson(Buffer.from(text))
const appJson = (value: unknown) => parse(JSON.stringify(value)).appJson
const problemsOf = (text: string) => placesOf(parse(text).problems)

describe('env', () => {
  test.for<[name: string, value: unknown, variable: Readonly<Record<string, unknown>>]>([
    ['text', 'x', {value: 'x', isRequired: true}],
    ['empty text', '', {value: '', isRequired: true}],
    ['null', null, {isRequired: false}],
    ['an empty object', {}, {isRequired: true}],
    ['a description and a value', {description: 'd', value: 'v'}, {description: 'd', value: 'v', isRequired: true}],
    ['not required', {required: false}, {isRequired: false}],
    ['a secret', {generator: 'secret'}, {generator: 'secret', isRequired: true}],
    ['a number', 5, {value: '5', isRequired: true}],
  ])('%s', ([, value, variable]) => {
    expect(appJson({env: {A: value}}).env.get('A')).toEqual({...variable, place: {file: 'app.json', line: 1, column: 9}})
  })

  test('keeps file order', () => {
    expect([...appJson({env: {B: '', 'A-1': '', C: null}}).env.keys()]).toEqual(['B', 'A-1', 'C'])
  })
})

describe('addons', () => {
  test.for<[name: string, value: unknown, addOns: readonly unknown[]]>([
    [
      'texts',
      ['heroku-redis', 'heroku-postgresql:mini'],
      [
        {plan: 'heroku-redis', options: new Map()},
        {plan: 'heroku-postgresql:mini', options: new Map()},
      ],
    ],
    ['a bare text', 'heroku-redis', [{plan: 'heroku-redis', options: new Map()}]],
    [
      'objects',
      [{plan: 'p', as: 'DB', options: {version: '16', n: 1}}],
      [
        {
          plan: 'p',
          as: 'DB',
          options: new Map([
            ['version', '16'],
            ['n', '1'],
          ]),
        },
      ],
    ],
    ['an object without a plan', [{as: 'DB'}, 'p'], [{plan: 'p', options: new Map()}]],
    ['null', null, []],
  ])('%s', ([, value, addOns]) => {
    expect(appJson({addons: value}).addOns).toEqual(addOns)
  })
})

describe('formation', () => {
  test.for<[name: string, value: unknown, formation: readonly (readonly [string, unknown])[]]>([
    [
      'an object',
      {web: {quantity: 1, size: 'Free'}, worker: {}},
      [
        ['web', {quantity: 1, size: 'Free'}],
        ['worker', {}],
      ],
    ],
    ['numbers', {web: 2}, [['web', {quantity: 2}]]],
    [
      'a list',
      [
        {process: 'web', quantity: 1},
        {type: 'worker', size: 'standard-2x'},
      ],
      [
        ['web', {quantity: 1}],
        ['worker', {size: 'standard-2x'}],
      ],
    ],
    ['a list with junk', [1, {quantity: 1}, {type: 'web'}], [['web', {}]]],
  ])('%s', ([, value, formation]) => {
    expect([...appJson({formation: value}).formation]).toEqual(formation)
  })
})

test('buildpacks are references in order', () => {
  expect(appJson({buildpacks: [{url: 'heroku/nodejs'}, 'heroku/go', {}]}).buildpacks).toEqual(['heroku/nodejs', 'heroku/go'])
})

test('scripts are flat, those of Dokku under their prefix', () => {
  expect([...appJson({scripts: {postdeploy: 'a', dokku: {predeploy: 'b'}, 'pr-predestroy': 'c'}}).scripts]).toEqual([
    ['postdeploy', 'a'],
    ['dokku.predeploy', 'b'],
    ['pr-predestroy', 'c'],
  ])
})

test('environments hold only what they change', () => {
  const {environments} = appJson({env: {A: '1'}, environments: {test: {env: {B: '2'}, scripts: {test: 't'}}, review: {}}})
  expect([...environments.keys()]).toEqual(['test', 'review'])
  expect(environments.get('review')).toEqual({})
  expect(environments.get('test')).toMatchObject({scripts: new Map([['test', 't']])})
  expect(Object.keys(environments.get('test') ?? {})).toEqual(['env', 'scripts'])
})

describe('mistakes have their place', () => {
  test.for<[text: string, problems: readonly string[]]>([
    ['{\n  "env": {\n    "A": "1",\n  },\n}', ['error 3:13 trailing-comma', 'error 4:4 trailing-comma']],
    ['{"env": {"A": "1" "B": "2"}}', ['error 1:19 missing-comma']],
    ['{"name": 1,\n "name": "a"}', ['warning 2:2 duplicate-key']],
    ['{"env": ["A"]}', ['error 1:9 wrong-type']],
    ['{"env": {"A": {"required": "yes"}}}', ['error 1:28 wrong-type']],
    ['{"env": {"A": {"generator": "uuid"}}}', ['warning 1:29 unknown-generator']],
    ['{"env": {"A": {"vaule": "x"}}}', ['note 1:16 unknown-key']],
    ['{"addons": "x"}', ['warning 1:12 loose-type']],
    ['{"addons": [{}]}', ['error 1:13 plan-missing']],
    ['{"buildpacks": [{}]}', ['error 1:17 url-missing']],
    ['{"formation": {"web": {"quantity": "many"}}}', ['error 1:36 wrong-type']],
    ['{"formation": [{}]}', ['error 1:16 type-missing']],
    ['{"scripts": {"test": ["a"]}}', ['error 1:22 wrong-type']],
    ['{"environments": {"test": []}}', ['error 1:27 wrong-type']],
    ['{"nmae": "x"}', ['note 1:2 unknown-key']],
    ['{"expo": {}, "slug": 1}', ['note 1:1 not-heroku']],
    ['[]', ['error 1:1 wrong-type']],
    ['', ['error 1:1 not-json']],
    ['{"a": \0}', ['error 1:7 nul-byte']],
    ['\ufeff{}', ['note 1:1 byte-order-mark']],
  ])('%j', ([text, problems]) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  test('a trailing comma can be mended', () => {
    expect(parse('{"a": 1,}').problems[0]).toMatchObject({stops: true, edits: [{start: 7, end: 8, text: ''}]})
  })

  test('what can be read is read all the same', () => {
    expect(parse('{"env": {"A": "1",}, "addons": ["x",], "stack": []}').appJson).toMatchObject({
      addOns: [{plan: 'x'}],
      env: new Map([['A', expect.anything()]]),
    })
  })

  test('no message holds the value of a variable', () => {
    const {problems} = parse('{"env": {"A": ["geheim"], "B": {"value": {"x": "geheim"}, "generator": "geheim"}, "C": "geheim" "D": 1}}')
    expect(problems.length).toBeGreaterThan(3)
    expect(JSON.stringify(problems)).not.toContain('geheim')
  })
})

describe('real files', () => {
  test('there are as many as were collected', () => {
    expect(realFiles).toHaveLength(46)
  })

  test.for(realFiles.map(({from, text}) => [from, text] as const))('%s: no error, nothing lost, order kept', ([, text]) => {
    const {appJson: read, problems} = parse(text)
    const json = JSON.parse(text)
    expect(placesOf(problems).filter(place => place.startsWith('error'))).toEqual([])
    expect([...read.env.keys()]).toEqual(Object.keys(json.env ?? {}))
    expect(read.addOns).toHaveLength(json.addons?.length ?? 0)
    expect([...read.formation.keys()]).toEqual(Object.keys(json.formation ?? {}))
    expect(read.buildpacks).toEqual((json.buildpacks ?? []).map(({url}: {url: string}) => url))
    expect([...read.environments.keys()]).toEqual(Object.keys(json.environments ?? {}))
    for (const [name, {value, isRequired, generator}] of read.env) {
      const given = json.env[name]
      if (typeof given === 'string') expect([value, isRequired]).toEqual([given, true])
      else expect([value, isRequired, generator]).toEqual([given.value, given.required ?? true, given.generator])
    }
  })
})

test('any bytes and any JSON give an app.json, never an exception', () => {
  const keys = fc.constantFrom(
    'env',
    'addons',
    'formation',
    'buildpacks',
    'scripts',
    'healthchecks',
    'environments',
    'test',
    'web',
    'url',
    'plan',
    'value',
    'x',
  )
  const {tree} = fc.letrec(tie => ({
    tree: fc.oneof(
      {depthSize: 'small'},
      fc.constantFrom(null, true, 1, '', 'a'),
      fc.array(tie('tree'), {maxLength: 3}),
      fc.dictionary(keys, tie('tree'), {maxKeys: 4}),
    ),
  }))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({maxLength: 100}),
        tree.map(value => Buffer.from(JSON.stringify(value))),
      ),
      bytes => {
        expect(parseAppJson(bytes).problems).toBeInstanceOf(Array)
      },
    ),
    {numRuns: 1000},
  )
})
