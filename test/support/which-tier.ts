import {chooseIsolation, type IsolationWish} from '../../src/engines/dyno/isolation/catalog.ts'
import {readMachine} from '../../src/engines/dyno/isolation/machine.ts'
import {HomeportError} from '../../src/model/error.ts'

/** Prints, as a process of its own, which isolation it would choose: `which-tier.ts WISH folder|slug STATE`. */
const [, , wish = 'auto', runs = 'slug', state = ''] = process.argv
const ground = {
  machine: readMachine({searchPath: process.env['PATH'] ?? ''}),
  cacheDir: `${state}/cache`,
  roomsFolder: `${state}/rooms`,
}
try {
  const {tier} = await chooseIsolation(wish as IsolationWish, runs as 'folder' | 'slug', ground)
  process.stdout.write(JSON.stringify({tier}))
} catch (error) {
  if (!(error instanceof HomeportError)) throw error
  process.stdout.write(JSON.stringify({code: error.code, exitCode: error.exitCode, message: error.message, hint: error.hint}))
}
