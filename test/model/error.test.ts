import {expect, test} from 'vitest'
import {errorClasses, exitCodes, HomeportError, renderPlace} from '../../src/model/error.ts'

test.for(Object.keys(errorClasses))('%s has an exit code of the contract', code => {
  const error = new HomeportError(code as keyof typeof errorClasses, 'message')
  expect(error.exitCode).toBe(exitCodes[error.errorClass])
  expect(error.exitCode).toBeGreaterThanOrEqual(2)
})

test.for([
  [{file: 'Procfile'}, 'Procfile'],
  [{file: '.env', line: 2}, '.env:2'],
  [{file: 'Procfile', line: 3, column: 1}, 'Procfile:3:1'],
] as const)('%j is %s', ([place, text]) => {
  expect(renderPlace(place)).toBe(text)
})
