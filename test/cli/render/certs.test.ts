import {expect, test} from 'vitest'
import {renderTrust, renderUntrust} from '../../../src/cli/render/certs.ts'

const report = {
  authority: 'Homeport local authority 1a2b3c4d (me@here)',
  file: '/state/authority/certificate.pem',
  fingerprint: 'ff',
  names: ['localhost', 'test'],
  uncovered: [],
  keyFile: '/state/authority/key.pem',
  keyReaders: 'me and root',
} as const

test('tells of each store, what is to be typed, and who could read the key', () => {
  const text = renderTrust({
    ...report,
    uncovered: ['*.example.org'],
    stores: [
      {store: 'system', path: '/anchors', status: 'by hand', command: 'sudo cp a b', detail: 'this user may not'},
      {store: 'chromium', path: '/home/me/.pki/nssdb', status: 'done'},
      {store: 'firefox', path: '/profile', status: 'unchanged'},
    ],
  })
  expect(text.split('\n')).toEqual([
    'Homeport local authority 1a2b3c4d (me@here) speaks for localhost, test, loopback addresses and all names below them, and for nothing else.',
    "Not for *.example.org: `homeport certs:untrust` first, then `homeport certs:trust --domain '*.example.org'`.",
    'system (/anchors): by hand, since this user may not:',
    '  sudo cp a b',
    'chromium (/home/me/.pki/nssdb) trusts it now.',
    'firefox (/profile) trusts it already.',
    'Its key /state/authority/key.pem can be read by me and root.',
    'Out again: `homeport certs:untrust`. Browsers that run may have to be started anew.',
  ])
  expect(renderTrust({...report, stores: []})).toContain('No store was found here.')
})

test('tells what untrust did', () => {
  expect(renderUntrust({authority: null, removed: false, stores: []})).toBe('There is no local certificate authority.')
  expect(
    renderUntrust({authority: report.authority, removed: true, stores: [{store: 'system', path: '/anchors', status: 'done'}]}).split('\n'),
  ).toEqual(['system (/anchors) trusts it no more.', `${report.authority} is gone, its key too. The next \`--tls\` makes a new one.`])
})
