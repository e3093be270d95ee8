import {expect, test} from 'vitest'
import {type CiStep, githubCommand, renderJunit, renderSummary, renderVerdict} from '../../src/model/ci-report.ts'

const steps: readonly CiStep[] = [
  {name: 'build', outcome: 'passed', durationMs: 1_500},
  {name: 'release', outcome: 'skipped', durationMs: 0, detail: 'no release command'},
  {name: 'check GET /<a>&"b" = 200', outcome: 'failed', durationMs: 20, detail: 'the status is 500 | not 200'},
]

test('JUnit has a testcase for each step, and is XML whatever the log says', () => {
  const junit = renderJunit('shop', steps, '\u0000\u001b[31m]]> <b> & \ud800 ok 😀')
  expect(junit).toContain('<testsuite name="shop" errors="0" tests="3" failures="1" skipped="1" time="1.520">')
  expect(junit).toContain('name="check GET /&lt;a&gt;&amp;&quot;b&quot; = 200"')
  expect(junit).toContain('\ufffd\ufffd[31m]]&gt; &lt;b&gt; &amp; \ufffd ok 😀')
  expect(junit.match(/<testcase /g)).toHaveLength(3)
})

test('the verdict names the phase', () => {
  expect(renderVerdict(steps)).toBe('ci: failed in phase check GET /<a>&"b" = 200: the status is 500 | not 200')
  expect(renderVerdict(steps.slice(0, 2))).toBe('ci: passed all phases (build) in 1.5 s')
})

test('the summary is one table', () => {
  expect(renderSummary('shop', steps).split('\n').slice(2)).toEqual([
    '| | step | time | |',
    '|---|---|--:|---|',
    '| ✅ | build | 1.5 s |  |',
    '| ⏭️ | release | 0.0 s | no release command |',
    '| ❌ | check GET /&lt;a>&"b" = 200 | 0.0 s | the status is 500 \\| not 200 |',
    '',
  ])
})

test('a workflow command cannot be broken out of', () => {
  expect(githubCommand('error', 'a\n::warning::b%', {file: 'a:b,c', line: 3, title: undefined})).toBe(
    '::error file=a%3Ab%2Cc,line=3::a%0A::warning::b%25\n',
  )
})
