import {expect, test} from 'vitest'
import {renderTable} from '../../../src/cli/render/table.ts'

test('columns, without blanks at the ends of lines', () => {
  expect(
    renderTable([
      ['a', 'long', ''],
      ['bcd', 'x', 'y'],
    ]),
  ).toBe('a    long\nbcd  x     y\n')
  expect(
    renderTable(
      [
        ['a', '1.00'],
        ['b', '22.00'],
      ],
      {right: [1], indent: 2},
    ),
  ).toBe('  a   1.00\n  b  22.00\n')
  expect(renderTable([])).toBe('')
})
