// npm run build [-- --platform linux-arm64] [--output FILE]: the single binary, dist/homeport.
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {hostPlatform} from './build/base-node.ts'
import {buildBinary} from './build/build-binary.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const {values} = parseArgs({options: {platform: {type: 'string', default: hostPlatform}, output: {type: 'string'}}})
const output = values.output ?? `${root}dist/homeport${values.platform === hostPlatform ? '' : `-${values.platform}`}`

mkdirSync(`${root}build`, {recursive: true})
const workFolder = mkdtempSync(`${root}build/${values.platform}-`)
try {
  await buildBinary({platform: values.platform, output, workFolder})
} finally {
  rmSync(workFolder, {recursive: true})
}
console.log(output)
