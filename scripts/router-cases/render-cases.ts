import {type Case, collectTitles} from './collect-titles.ts'
import {rows} from './rows.ts'

const folder = 'test/engines/router'

/** The list of the router's cases: which row of the rules, which case, in which test. Throws when a row has none. */
export async function renderCases(): Promise<string> {
  const cases = await collectTitles(folder)
  const taken = new Set<Case>()
  const lines = rows.flatMap(({section, row, tests}) => {
    const found = cases.filter(one => tests.test(one.titles.join(' > ')))
    if (found.length === 0) throw new Error(`No test for ${section}, ${row}.`)
    for (const one of found) taken.add(one)
    return found.map((one, index) => line(index === 0 ? section : '', index === 0 ? row : '', one))
  })
  const others = cases.filter(one => !taken.has(one)).map(one => line('', '', one))
  return [
    '# The router, case by case',
    '',
    '<!-- Made from the tests by `npm run router-cases`; a test says when it is out of date. -->',
    '',
    `Rows of the platform's rules for its router, and the tests that hold them, over raw sockets: ${rows.length} rows, ${cases.length} cases.`,
    'A case that holds several rows stands at each. Files lie in `test/engines/router`.',
    '',
    ...head,
    ...lines,
    '',
    '## Further cases',
    '',
    ...head,
    ...others,
    '',
  ].join('\n')
}

const head = ['| rule | row | case | test |', '|---|---|---|---|']

function line(section: string, row: string, {file, titles}: Case): string {
  return `| ${[section, row, cell(titles.at(-1) ?? ''), `\`${file.slice(folder.length + 1)}\``].join(' | ')} |`
}

const longest = 140

function cell(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text
  return short.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
