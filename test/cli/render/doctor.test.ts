import {expect, test} from 'vitest'
import {painter} from '../../../src/cli/colour.ts'
import {renderDoctor} from '../../../src/cli/render/doctor.ts'

const isolation = {tier: 'sandbox', files: 'f', processes: 'p', network: 'n', memory: 'm'} as const

test('one line for each check, the mending command below what needs it', () => {
  const text = renderDoctor(
    {
      ok: true,
      isolation,
      checks: [
        {name: 'node', status: 'ok', detail: '24.21.0', fix: 'not shown'},
        {name: 'memory limits', status: 'warning', detail: 'checked once a second', fix: 'run as root'},
        {name: 'store', status: 'failed', detail: 'is a link'},
      ],
    },
    painter(false),
  )
  expect(text.split('\n')).toEqual([
    '✓ node           24.21.0',
    '! memory limits  checked once a second',
    '                 to mend it: run as root',
    '✗ store          is a link',
    '',
    'A slug runs in sandbox: f; processes: p; network: n; memory: m.',
    expect.stringContaining('No tier covers'),
  ])
})

test('the marks have colours where colours are wanted', () => {
  const text = renderDoctor({ok: true, isolation, checks: [{name: 'a', status: 'ok', detail: 'b'}]}, painter(true))
  expect(text).toContain('\u001b[32m✓\u001b[39m a  b')
})
