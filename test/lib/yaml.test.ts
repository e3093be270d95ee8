import {describe, expect, test} from 'vitest'
import {readYaml} from '../../src/lib/yaml.ts'
import {YamlError, type YamlValue} from '../../src/lib/yaml-flow.ts'

/** As JSON would show it, with mappings as lists of pairs so that their order counts. */
function flat(value: YamlValue): unknown {
  if (value instanceof Map) return [...value].map(([key, item]) => [key, flat(item)])
  return Array.isArray(value) ? value.map(flat) : value
}

describe('readYaml', () => {
  test.for<[string, string, unknown]>([
    ['nothing', '', null],
    ['a document marker alone', '---\n', null],
    ['an empty mapping behind the marker', '--- {}\n', []],
    ['a comment alone', '# nothing\n', null],
    [
      'a mapping',
      'a: 1\nb: two words\n',
      [
        ['a', '1'],
        ['b', 'two words'],
      ],
    ],
    ['CRLF', '---\r\na: 1\r\n', [['a', '1']]],
    [
      'integer-like keys in file order',
      '10: a\n2: b\n',
      [
        ['10', 'a'],
        ['2', 'b'],
      ],
    ],
    [
      'nested',
      'x:\n  web: bin/web -p $PORT\n  worker: bin/work\ny: z\n',
      [
        [
          'x',
          [
            ['web', 'bin/web -p $PORT'],
            ['worker', 'bin/work'],
          ],
        ],
        ['y', 'z'],
      ],
    ],
    ['a colon inside a value', 'web: java -cp a:b Main\n', [['web', 'java -cp a:b Main']]],
    [
      'a key without a value',
      'a:\nb: 1\n',
      [
        ['a', null],
        ['b', '1'],
      ],
    ],
    [
      'a sequence at the depth of its key',
      'addons:\n- one\n- two:dev\nx: 1\n',
      [
        ['addons', ['one', 'two:dev']],
        ['x', '1'],
      ],
    ],
    [
      'a sequence below its key',
      'addons:\n  - one\n  -\n    a: 1\n  - b: 2\n    c: 3\n',
      [
        [
          'addons',
          [
            'one',
            [['a', '1']],
            [
              ['b', '2'],
              ['c', '3'],
            ],
          ],
        ],
      ],
    ],
    [
      'flow collections',
      'addons: []\nmap: {a: 1, "b": [x, \'y\']}\n',
      [
        ['addons', []],
        [
          'map',
          [
            ['a', '1'],
            ['b', ['x', 'y']],
          ],
        ],
      ],
    ],
    ['JSON', '{"default_process_types": {"web": "node \\"a b\\".js"}}', [['default_process_types', [['web', 'node "a b".js']]]]],
    [
      'JSON over lines',
      '{\n  "a": "b",\n  "c": ["d"]\n}\n',
      [
        ['a', 'b'],
        ['c', ['d']],
      ],
    ],
    ['double quotes', 'web: "a\\tb \\u00e9 # no comment"\n', [['web', 'a\tb é # no comment']]],
    ['single quotes', "web: 'it''s'\n", [['web', "it's"]]],
    ['a comment behind a value', 'web: run # it\n', [['web', 'run']]],
    ['a # that belongs to the value', 'web: run#it\n', [['web', 'run#it']]],
    [
      'a folded plain scalar, as Ruby writes long ones',
      'web: bundle exec\n  rails server\n  -p 1\nx: y\n',
      [
        ['web', 'bundle exec rails server -p 1'],
        ['x', 'y'],
      ],
    ],
    ['a double-quoted scalar broken by backslashes', 'web: "one \\\n  two"\n', [['web', 'one two']]],
    [
      'a literal block',
      'web: |\n  a\n    b\n\n  c\nx: y\n',
      [
        ['web', 'a\n  b\n\nc\n'],
        ['x', 'y'],
      ],
    ],
    ['a stripped folded block', 'web: >-\n  a\n  b\n\n  c\n', [['web', 'a b\nc']]],
    ['only the first document', 'a: 1\n---\nb: 2\n', [['a', '1']]],
    [
      'null in words',
      'a: ~\nb: null\n',
      [
        ['a', null],
        ['b', null],
      ],
    ],
    ['a scalar alone', 'hello there\n', 'hello there'],
  ])('%s', ([, text, value]) => {
    expect(flat(readYaml(text))).toEqual(value)
  })

  test.for<[string, string, number]>([
    ['a line without a colon', 'a: 1\nb\n', 2],
    ['an indentation that fits nothing', 'a: 1\n   b: 2\n', 2],
    ['an anchor', 'a: &x 1\n', 1],
    ['a tag', 'a: !ruby/object {}\n', 1],
    ['an unclosed quote', 'a: "x\n', 1],
    ['an unclosed bracket', 'a: [x\n', 1],
    ['text after a quote', "a: 'x' y\n", 1],
  ])('refuses %s and names its line', ([, text, line]) => {
    const read = () => readYaml(text)
    expect(read).toThrow(YamlError)
    expect(read).toThrow(expect.objectContaining({line}))
  })
})
