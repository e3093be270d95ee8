/** One phase of `ci`, or one check: a testcase of the JUnit file, a row of the summary. */
export type CiStep = {
  /** `build`, `release`, `start`, `healthy`, `check GET / = 200`, `stop`, `clean`. */
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly durationMs: number
  /** Why it failed or was left out. */
  readonly detail?: string
}

/** A JUnit file with one testcase for each step: valid XML whatever the output was. `log` stands below the step that failed. */
export function renderJunit(app: string, steps: readonly CiStep[], log: string): string {
  const count = (outcome: CiStep['outcome']) => steps.filter(step => step.outcome === outcome).length
  const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(3)
  const total = seconds(steps.reduce((sum, {durationMs}) => sum + durationMs, 0))
  const cases = steps.map(({name, outcome, durationMs, detail = ''}) => {
    const open = `    <testcase classname="${xml(app)}" name="${xml(name)}" time="${seconds(durationMs)}"`
    if (outcome === 'passed') return `${open}/>`
    if (outcome === 'skipped') return `${open}><skipped message="${xml(detail)}"/></testcase>`
    return `${open}><failure message="${xml(detail)}">${xml(log)}</failure></testcase>`
  })
  const counts = `tests="${steps.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${total}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="homeport ci" ${counts.replace(/ skipped="\d+"/, '')}>`,
    `  <testsuite name="${xml(app)}" errors="0" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

/** Text for XML: what is markup is escaped, what XML 1.0 has no place for becomes U+FFFD. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')
}

/** The table that GitHub shows on the page of the run (GITHUB_STEP_SUMMARY). */
export function renderSummary(app: string, steps: readonly CiStep[]): string {
  const marks = {passed: '✅', failed: '❌', skipped: '⏭️'}
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').replaceAll('<', '&lt;')
  const rows = steps.map(
    ({name, outcome, durationMs, detail = ''}) =>
      `| ${marks[outcome]} | ${cell(name)} | ${(durationMs / 1_000).toFixed(1)} s | ${cell(detail)} |`,
  )
  return [`### homeport ci: ${cell(app)}`, '', '| | step | time | |', '|---|---|--:|---|', ...rows, ''].join('\n')
}

/** The last line of `ci`, which names the phase. */
export function renderVerdict(steps: readonly CiStep[]): string {
  const failed = steps.find(({outcome}) => outcome === 'failed')
  const total = (steps.reduce((sum, {durationMs}) => sum + durationMs, 0) / 1_000).toFixed(1)
  if (failed !== undefined) return `ci: failed in phase ${failed.name}${failed.detail === undefined ? '' : `: ${failed.detail}`}`
  return `ci: passed all phases (${steps
    .filter(({outcome}) => outcome === 'passed')
    .map(({name}) => name)
    .join(', ')}) in ${total} s`
}

/** A workflow command of GitHub; its text must not end it or begin another. */
export function githubCommand(name: string, text: string, properties: Readonly<Record<string, string | number | undefined>> = {}): string {
  const escaped = (value: string, isProperty: boolean) => {
    const data = value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
    return isProperty ? data.replaceAll(':', '%3A').replaceAll(',', '%2C') : data
  }
  const given = Object.entries(properties).filter(([, value]) => value !== undefined)
  const list = given.map(([key, value]) => `${key}=${escaped(String(value), true)}`).join(',')
  return `::${name}${list === '' ? '' : ` ${list}`}::${escaped(text, false)}\n`
}
