import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {commands} from '../src/cli/commands.ts'
import {rules} from './support/house/rules.ts'
import {parseSource, readSources} from './support/house/source-file.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = readSources(root, ['src', 'test', 'scripts', 'bench'])

test('Node is the one that everything is made for', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  expect(major > 24 || (major === 24 && minor >= 21)).toBe(true)
})

describe('this house', () => {
  test.for(Object.entries(rules))('keeps %s', ([, rule]) => {
    expect(rule(files)).toEqual([])
  })

  test('has a place in the table of contents for every command, and a file', () => {
    const inFolder = files.map(({path}) => /^src\/cli\/commands\/(.*)\.ts$/.exec(path)?.[1]).filter(path => path !== undefined)
    const ids = inFolder.map(path => path.replaceAll('/', ':').replace(/:index$/, ''))
    expect(ids.sort()).toEqual(Object.keys(commands).sort())
  })

  test.for(Object.keys(commands))('says of %s what it is, with an example that starts it', async id => {
    const CommandClass = await commands[id]?.()
    expect(CommandClass?.summary).toMatch(/^[A-Z`].*\.$/)
    const examples = (CommandClass?.examples ?? []).map(example => (typeof example === 'string' ? example : example.command))
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(example).toContain(`<%= config.bin %> ${id}`)
    for (const [name, flag] of Object.entries(CommandClass?.flags ?? {}))
      expect([name, flag.summary ?? '']).toEqual([name, expect.stringMatching(/\S/)])
  })
})

/** Small houses in which one thing is wrong. */
const wrong: readonly (readonly [keyof typeof rules, Readonly<Record<string, string>>, string])[] = [
  ['floorsAndRooms', {'src/lib/a.ts': "import type {B} from '../model/b.ts'"}, 'src/lib/a.ts: lib must not import src/model/b.ts'],
  ['floorsAndRooms', {'src/model/a.ts': "import {b} from '../engines/dyno/b.ts'"}, 'model must not import src/engines/dyno/b.ts'],
  ['floorsAndRooms', {'src/engines/dyno/a.ts': "import {b} from '../router/b.ts'"}, 'engines/dyno must not import src/engines/router/b.ts'],
  [
    'floorsAndRooms',
    {'src/engines/release/a.ts': "export {b} from '../pool/b.ts'"},
    'engines/release must not import src/engines/pool/b.ts',
  ],
  ['floorsAndRooms', {'src/platform/a.ts': "await import('../cli/b.ts')"}, 'platform must not import src/cli/b.ts'],
  ['floorsAndRooms', {'src/platform/a.ts': "type B = typeof import('../control/b.ts')"}, 'platform must not import src/control/b.ts'],
  [
    'noCycles',
    {'src/lib/a.ts': "import {b} from './b.ts'", 'src/lib/b.ts': "import type {a} from './a.ts'"},
    'src/lib/a.ts → src/lib/b.ts → src/lib/a.ts',
  ],
  ['librariesInTheirPlaces', {'src/platform/a.ts': "import {Command} from '@oclif/core'"}, '@oclif/core belongs in src/cli/'],
  ['librariesInTheirPlaces', {'src/cli/a.ts': "import {Listr} from 'listr2'"}, 'listr2 belongs in src/cli/render/'],
  ['librariesInTheirPlaces', {'src/lib/a.ts': "import x from 'left-pad'"}, 'left-pad has no place'],
  ['importsAreClear', {'src/lib/a.ts': "import {b} from './b'"}, 'src/lib/b lacks its ending'],
  ['importsAreClear', {'src/lib/a.ts': "import fs from 'fs'"}, 'write node:fs'],
  ['silenceBelowCli', {'src/control/a.ts': 'console.log(1)'}, 'console.log below cli'],
  ['silenceBelowCli', {'src/lib/a.ts': "const a = process.env['A']"}, 'process.env below cli'],
  ['silenceBelowCli', {'src/platform/a.ts': 'process.exit(1)'}, 'process.exit below cli'],
  ['modelsArePure', {'src/model/a.ts': "import {readFileSync} from 'node:fs'"}, 'node:fs in a model'],
  ['errorsKnowNobody', {'src/model/error.ts': "import {a} from './a.ts'"}, 'imports src/model/a.ts'],
  ['modelsAreTested', {'src/model/a.ts': 'export const a = 1'}, 'no test/model/a.test.ts'],
  ['nothingPutOff', {'src/lib/a.ts': `// TO${'DO'}: later`}, 'puts work off'],
  ['nothingPutOff', {'test/a.test.ts': `test.${'skip'}('a', () => {})`}, 'leaves tests out'],
  ['nothingPutOff', {'src/lib/utils.ts': 'export const a = 1'}, 'needs a name'],
]

describe('the guard sees', () => {
  test.for(wrong)('%s broken by %j', ([rule, sources, problem]) => {
    const house = Object.entries(sources).map(([path, text]) => parseSource(path, text))
    expect(rules[rule](house)).toEqual([expect.stringContaining(problem)])
  })

  test('nothing wrong where nothing is', () => {
    const house = [
      parseSource(
        'src/cli/a.ts',
        "import {Flags} from '@oclif/core'\nimport {b} from '../platform/b.ts'\nconsole.log(process.env['A'], b, Flags)",
      ),
      parseSource(
        'src/engines/dyno/a.ts',
        "import {c} from './isolation/c.ts'\nimport type {D} from '../../model/d.ts'\nexport const a = c",
      ),
      parseSource('src/model/d.ts', "import {inspect} from 'node:util'\nexport type D = ReturnType<typeof inspect>"),
      parseSource('src/lib/a.ts', "export const load = () => import('./b.ts') // console.log is not called here"),
      parseSource('src/lib/b.ts', "import {load} from './a.ts'\nexport const text = 'process.env.A'\nexport {load}"),
    ]
    for (const [name, rule] of Object.entries(rules)) expect([name, rule(house)]).toEqual([name, []])
  })
})
