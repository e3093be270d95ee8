import {defineConfig} from 'vitest/config'
import {testedBinary} from './test/support/tested-binary.ts'

const flows = {pool: 'forks', fileParallelism: false, testTimeout: 120_000} as const

/**
 * `unit`: models, libraries and engines, side by side. `flows`: whole stories with the real program, one file at a time.
 * `binary`: what runs the program, again, with the single binary in its place.
 */
export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {extends: true, test: {name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/flows/**', 'test/pool/**'], pool: 'forks'}},
      {extends: true, test: {...flows, name: 'flows', include: ['test/flows/**/*.test.ts'], sequence: {groupOrder: 1}}},
      {
        extends: true,
        test: {
          ...flows,
          name: 'binary',
          include: ['test/cli/cli.test.ts', 'test/cli/shell-init.test.ts', 'test/flows/**/*.test.ts'],
          exclude: ['test/flows/binary.test.ts'],
          globalSetup: ['test/support/build-once.ts'],
          env: {HOMEPORT_TEST_PROGRAM: testedBinary},
          sequence: {groupOrder: 2},
        },
      },
    ],
  },
})
