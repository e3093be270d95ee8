import type {FlagTable} from './flag-table.ts'
import {buildFlags, commonFlags, runFlags, startFlags} from './start-flags.ts'

/** Flags of `ci` (cli.md section 8). */
export const ciFlags = {
  ...commonFlags,
  url: {type: 'option', multiple: true, helpValue: 'PATH[=STATUS[~TEXT]]', summary: 'GET through the router; repeatable.'},
  host: {type: 'option', helpValue: 'NAME', summary: 'Host of the checks (default: APP.localhost).'},
  timeout: {type: 'option', helpValue: 'SECONDS', summary: 'For each phase (default: 120).'},
  junit: {type: 'option', helpValue: 'FILE', summary: 'Write a JUnit file: a testcase for each phase and check.'},
  test: {type: 'boolean', summary: 'First run test-compile, then scripts.test or bin/test.'},
  'no-build': {type: 'boolean', summary: 'Run the folder as it is, without a slug.'},
  keep: {type: 'boolean', summary: 'Leave the app up after the checks, until Ctrl-C.'},
  'require-isolation': {
    type: 'option',
    options: ['sandbox', 'own-uid', 'process'],
    summary: 'Fail (exit 5) when dynos cannot be kept apart at least so.',
  },
  procfile: runFlags.procfile,
  env: runFlags.env,
  expand: runFlags.expand,
  isolation: runFlags.isolation,
  slug: runFlags.slug,
  size: runFlags.size,
  formation: startFlags.formation,
  'timeout-stop': startFlags['timeout-stop'],
  'forwarded-proto': startFlags['forwarded-proto'],
  ...buildFlags,
} as const satisfies FlagTable
