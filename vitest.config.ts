import {defineConfig} from 'vitest/config'

/** `unit`: model, lib and engines, side by side. `flows`: whole stories with the real program, one file at a time. */
export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {extends: true, test: {name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/flows/**', 'test/pool/**'], pool: 'forks'}},
      {
        extends: true,
        test: {
          name: 'flows',
          include: ['test/flows/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          sequence: {groupOrder: 1},
        },
      },
    ],
  },
})
