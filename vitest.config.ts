import {defineConfig} from 'vitest/config'
import {testedBinary} from './test/support/tested-binary.ts'

const flows = {pool: 'forks', fileParallelism: false, testTimeout: 120_000} as const

/**
 * `unit`: models, libraries and the command line, the fast part. `engines`: real processes, sockets, files. `flows`: whole stories with the real program, one file at a time.
 * `binary`: what runs the program, again, with the single binary in its place.
 */
export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A program that starts on a busy machine takes longer than the second that is Vitest's own bound.
    expect: {poll: {timeout: 15_000}},
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/*.test.ts', 'test/{model,lib,cli}/**/*.test.ts'],
          pool: 'forks',
          // A process of its own for each of 150 files costs as much as all their tests; and half of those wait for a program.
          isolate: false,
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['test/{engines,platform,control,scripts,buildpacks}/**/*.test.ts'],
          pool: 'forks',
          sequence: {groupOrder: 1},
        },
      },
      {extends: true, test: {...flows, name: 'flows', include: ['test/flows/**/*.test.ts'], sequence: {groupOrder: 2}}},
      {
        extends: true,
        test: {
          ...flows,
          name: 'binary',
          include: ['test/cli/cli.test.ts', 'test/cli/shell-init.test.ts', 'test/flows/**/*.test.ts'],
          exclude: ['test/flows/binary.test.ts', 'test/flows/build-fixtures.test.ts', 'test/flows/build-managers.test.ts'],
          globalSetup: ['test/support/build-once.ts'],
          env: {HOMEPORT_TEST_PROGRAM: testedBinary},
          sequence: {groupOrder: 3},
        },
      },
      {
        extends: true,
        // Test hosts under systemd; started by `npm run test:pool` alone, which makes what they need.
        test: {
          name: 'pool',
          include: ['test/pool/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: {groupOrder: 2},
        },
      },
    ],
  },
})
