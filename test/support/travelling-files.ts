// The program of a binary that test/flows/binary.test.ts builds: CACHE_FOLDER… Tells what became of the files inside.
import {readdirSync} from 'node:fs'
import {assetFolder, isBinary} from '../../src/lib/assets.ts'
import {loadPty} from '../../src/lib/pty.ts'
import {startThread} from '../../src/lib/thread.ts'

const cacheFolders = process.argv.slice(2)

async function report(): Promise<void> {
  const spawn = loadPty(cacheFolders)
  const args = ['-c', 'test -t 0 && echo "a terminal of $(stty size)"; exit 3']
  const env = {PATH: process.env['PATH'] ?? ''}
  const pty = spawn({file: '/bin/sh', args, env, cwd: '/', columns: 91, rows: 17})
  let shown = ''
  for await (const chunk of pty.output) shown += chunk
  const {exitCode} = await pty.exited
  const folder = assetFolder('buildpacks', cacheFolders)
  console.log(JSON.stringify({isBinary: isBinary(), shown, exitCode, folder, files: readdirSync(folder), answer: await askThread()}))
}

/** The thread that unpacks slugs, with a slug that is not there. */
async function askThread(): Promise<unknown> {
  const workerData = {kind: 'extract', file: '/no/such/slug', to: '/no/such/folder', limits: {}}
  const thread = startThread(new URL('slug-thread.ts', import.meta.url), {workerData})
  return await new Promise((resolve, reject) => thread?.once('message', resolve).once('error', reject))
}

void report()
