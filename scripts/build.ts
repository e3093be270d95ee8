// npm run build [-- --platform linux-arm64] [--output FILE]: the single binary, dist/homeport.
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {hostPlatform} from './build/base-node.ts'
import {buildBinary} from './build/build-binary.ts'

/** Not macOS: an executable for it has to be signed after the injection, which nobody tried. */
const platforms = ['linux-x64', 'linux-arm64']

const root = fileURLToPath(new URL('..', import.meta.url))
const {values} = parseArgs({options: {platform: {type: 'string', default: hostPlatform}, output: {type: 'string'}}})
const {platform} = values
if (!platforms.includes(platform)) {
  console.error(`There is no single binary for ${platform}, only for ${platforms.join(' and ')}.`)
  process.exit(2)
}
const output = values.output ?? `${root}dist/homeport${platform === hostPlatform ? '' : `-${platform}`}`
mkdirSync(`${root}build`, {recursive: true})
const workFolder = mkdtempSync(`${root}build/${platform}-`)
try {
  await buildBinary({platform, output, workFolder})
} finally {
  rmSync(workFolder, {recursive: true})
}
console.log(output)
