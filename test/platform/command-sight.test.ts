import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {commandSight} from '../../src/platform/command-sight.ts'
import {test} from '../support/temp-folder.ts'

function makeApp(folder: string): string {
  const scripts = {start: 'node server.js', dev: 'next dev -p $PORT', loop: 'npm run loop', quiet: 'node quiet.js'}
  mkdirSync(join(folder, 'config'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({scripts}))
  writeFileSync(join(folder, 'server.js'), 'listen(process.env.PORT)')
  writeFileSync(join(folder, 'quiet.js'), 'listen(3000)')
  writeFileSync(join(folder, 'large.js'), `${' '.repeat(300_000)}PORT`)
  writeFileSync(join(folder, 'config/puma.rb'), 'port ENV.fetch("PORT") { 3000 }')
  return folder
}

test.for<[command: string, mentioned: boolean]>([
  ['serve -p $PORT', true],
  [`serve -p \${PORT:-3000}`, true],
  ['serve -p $REPORT', false],
  ['node server.js', true],
  ['node server', true],
  ['NODE_ENV=production node ./server.js', true],
  ['bundle exec puma -C config/puma.rb', true],
  ['npm start', true],
  ['npm run dev', true],
  ['yarn --silent dev', true],
  ['npm run quiet', false],
  ['npm run loop', false],
  ['npm run toString', false],
  ['node quiet.js', false],
  ['node large.js', false],
  ['node nope.js', false],
  ['cat /etc/passwd ../PORT.txt config', true],
  ['cat /etc/passwd config .', false],
])('%s: %s', ([command, mentioned], {folder}) => {
  expect(commandSight(makeApp(folder), undefined).mentionsPort(command)).toBe(mentioned)
})

test('files outside of the app are not looked at', ({folder}) => {
  writeFileSync(join(folder, 'outside'), 'PORT')
  mkdirSync(join(folder, 'app'))
  const {mentionsPort} = commandSight(join(folder, 'app'), undefined)
  expect([mentionsPort('cat ../outside'), mentionsPort(`cat ${folder}/outside`)]).toEqual([false, false])
})

test('a program is runnable when PATH has it; nothing is said without a PATH', ({folder}) => {
  writeFileSync(join(folder, 'tool'), '')
  chmodSync(join(folder, 'tool'), 0o755)
  expect(commandSight(folder, folder).isRunnable('tool')).toBe(true)
  expect(commandSight(folder, '/nowhere').isRunnable('tool')).toBe(false)
  expect(commandSight(folder, '/nowhere').isRunnable('./tool')).toBe(true)
  expect(commandSight(folder, undefined).isRunnable('nope')).toBe(true)
})
