import {execFile} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'

const run = promisify(execFile)
const script = new URL('../../scripts/router-cases/render-cases.ts', import.meta.url)

test('docs/router-cases.md lists the tests as they are, and every row of the rules has one', async () => {
  // In a process of its own: where tests are collected, Vitest is another one.
  const program = `process.stdout.write(await (await import(${JSON.stringify(script.href)})).renderCases())`
  const {stdout} = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    maxBuffer: 10_000_000,
  })
  expect(readFileSync(new URL('../../docs/router-cases.md', import.meta.url), 'utf8'), 'run `npm run router-cases`').toBe(stdout)
})
