import {fileURLToPath} from 'node:url'

/** Where the binary is that the `binary` project tests: test/support/build-once.ts makes it. */
export const testedBinary = fileURLToPath(new URL('../../build/tested/homeport', import.meta.url))
