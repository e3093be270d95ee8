import {expect, test} from 'vitest'
import {commandWord} from '../../src/model/command-word.ts'

test.for<[command: string, program: string | undefined]>([
  ['node server.js', 'node'],
  ['A=1 B= node server.js', 'node'],
  [`A='x' B=\${C:-3} exec node server.js`, 'node'],
  ['env NODE_ENV=production ./bin/start', './bin/start'],
  ['exec nohup python3.11 -m http.server', 'python3.11'],
  ['rake; true', 'rake'],
  ['cd app && node server.js', undefined],
  ['if true; then x; fi', undefined],
  ['(node server.js)', undefined],
  ['$CMD', undefined],
  ['"node" server.js', undefined],
  ["A='x y' node", undefined],
  ['A=$(date +%s) node', undefined],
  ['exec -a name node', undefined],
  ['node|cat', undefined],
  ['A=1', undefined],
  ['', undefined],
])('%s', ([command, program]) => {
  expect(commandWord(command)).toBe(program)
})
