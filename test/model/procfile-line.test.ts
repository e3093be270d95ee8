import {expect, test} from 'vitest'
import {explainProcfileLine} from '../../src/model/procfile-line.ts'

test.for<[line: string, rule: string, fix: string]>([
  ['web = run', 'not-a-declaration', 'Did you mean `web: run`?'],
  ['web; run', 'not-a-declaration', 'Did you mean `web: run`?'],
  ['web run -p 1', 'not-a-declaration', 'Did you mean `web: run -p 1`?'],
  ['web：run', 'not-a-declaration', 'Did you mean `web: run`?'],
  ['web => run', 'not-a-declaration', 'Did you mean `web: run`?'],
  ['web', 'not-a-declaration', 'Write web: and its command.'],
  ['this is no process', 'not-a-declaration', 'Write TYPE: COMMAND, for example `web: node server.js`. A comment begins with #.'],
  ['---', 'not-a-declaration', 'Write TYPE: COMMAND, for example `web: node server.js`. A comment begins with #.'],
  ['export PORT=5000', 'not-a-declaration', 'Config vars such as PORT belong in .env.'],
  ['// a comment: really', 'not-a-comment', 'Begin the comment with #.'],
  ['; a comment', 'not-a-comment', 'Begin the comment with #.'],
  ['<<<<<<< HEAD', 'merge-conflict', 'Keep one side and remove the marks.'],
  ['=======', 'merge-conflict', 'Keep one side and remove the marks.'],
  [': run', 'name-missing', 'Write TYPE: COMMAND, for example `web: node server.js`.'],
  ['web:', 'command-missing', 'Write the command behind the colon, or remove the line.'],
  ['processes:', 'command-missing', 'A Procfile is no YAML: write each type at the margin, as TYPE: COMMAND.'],
  ['web:: run', 'command-begins-with-colon', 'Did you mean `web: run`?'],
  ['web: :', 'command-begins-with-colon', 'Write the command behind one colon.'],
  ['"web": run', 'bad-name', 'Did you mean `web: run`?'],
  ['web.1: run', 'bad-name', 'Did you mean `web: run`?'],
  ['web/api: run', 'bad-name', 'Did you mean `web-api: run`?'],
  ['my web: run', 'bad-name', 'Did you mean `my-web: run`?'],
  ['- web: run', 'bad-name', 'Did you mean `web: run`?'],
  ['-web: run', 'bad-name', 'Did you mean `web: run`?'],
  ['wéb: run', 'bad-name', 'Did you mean `web: run`?'],
  ['日本: run', 'bad-name', 'Write TYPE: COMMAND, for example `web: node server.js`.'],
])('%s', ([line, rule, fix]) => {
  expect(explainProcfileLine(line)).toMatchObject({rule, fix})
})

test.for([
  ['"web": run', 'The name “"web"” stands in quotes, which are no YAML quotes here.'],
  ['web.1: run', 'The name “web.1” holds a dot, which is kept for single dynos such as web.1.'],
  ['-web: run', 'The name “-web” begins with “-”, which would read as a flag.'],
  ['- web: run', 'The line begins with “- ”, as a list in YAML; a Procfile has none.'],
  ['my web: run', 'The name “my web” holds other characters than letters, digits, _ and -.'],
] as const)('%s says what is wrong with the name', ([line, message]) => {
  expect(explainProcfileLine(line).message).toBe(message)
})

test('a suggestion can be taken over as it is', () => {
  const long = 'x'.repeat(500)
  const {fix} = explainProcfileLine(`web = ${long}`)
  expect(fix.length).toBeLessThan(120)
})

test('a line behind one that ends in a backslash is no mistake of its own', () => {
  expect(explainProcfileLine('--port: 1', 4).fix).toBe('If it continues line 4, put it on that line.')
})

test('a line of ten million characters costs no time', () => {
  expect(explainProcfileLine(`"${' '.repeat(10_000_000)}`).rule).toBe('not-a-declaration')
})
