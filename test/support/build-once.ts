import {rmSync} from 'node:fs'
import {hostPlatform} from '../../scripts/build/base-node.ts'
import {buildBinary} from '../../scripts/build/build-binary.ts'
import {testedBinary} from './tested-binary.ts'

/** Vitest's global set-up of that project: builds it from the sources as they are now. */
export async function setup(): Promise<void> {
  const workFolder = `${testedBinary}.work`
  await buildBinary({platform: hostPlatform, output: testedBinary, workFolder})
  rmSync(workFolder, {recursive: true})
}
