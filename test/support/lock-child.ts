// Locks a folder, says what came of it on standard output, and holds the lock until it is killed or its standard input ends.
import {writeSync} from 'node:fs'
import {lockFolder} from '../../src/engines/registry/folder-lock.ts'
import {HomeportError} from '../../src/model/error.ts'
import {processes} from './process-reader.ts'

const [runtimeDir = '', root = ''] = process.argv.slice(2)
try {
  const lock = await lockFolder(root, {runtimeDir, processes})
  writeSync(1, `locked\n`)
  process.stdin.resume()
  process.stdin.on('end', () => lock.release())
} catch (error) {
  writeSync(1, error instanceof HomeportError ? `${error.code} ${error.message}\n` : `${error}\n`)
}
