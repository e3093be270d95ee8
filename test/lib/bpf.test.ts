import {expect, test} from 'vitest'
import {assembleBpf, type Instruction} from '../../src/lib/bpf.ts'

const give = (value: number): Instruction => ({kind: 'return', value})

test('a jump counts the instructions in between, not the labels', () => {
  const bytes = assembleBpf([
    {kind: 'load', offset: 4},
    {kind: 'jump', test: 'equal', value: 0xc000003e, whenFalse: 'no'},
    {kind: 'label', name: 'yes'},
    give(1),
    {kind: 'label', name: 'no'},
    give(2),
  ])
  expect(bytes.toString('hex').match(/.{16}/g)).toEqual(['2000000004000000', '150000013e0000c0', '0600000001000000', '0600000002000000'])
})

test.for([
  ['missing', [{kind: 'jump', test: 'equal', value: 1, whenTrue: 'nowhere'}, give(0)]],
  ['behind', [{kind: 'label', name: 'back'}, give(0), {kind: 'jump', test: 'equal', value: 1, whenTrue: 'back'}]],
  [
    'too far',
    [
      {kind: 'jump', test: 'equal', value: 1, whenTrue: 'far'},
      ...Array.from({length: 256}, () => give(0)),
      {kind: 'label', name: 'far'},
      give(1),
    ],
  ],
] as const satisfies readonly (readonly [string, readonly Instruction[]])[])('a label that is %s is refused', ([, program]) => {
  expect(() => assembleBpf(program)).toThrow(RangeError)
})
