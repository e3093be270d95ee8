import {expect, test} from 'vitest'
import {backgroundRequest, renderBackgroundRequest} from '../../src/cli/run/background-request.ts'

const request = {name: 'run.1234', words: ['echo', 'a b'], values: {env: ['a.env'], 'no-tty': true}}

test('travels in the environment', () => {
  expect(backgroundRequest(renderBackgroundRequest(request))).toEqual(request)
})

test.for([{}, {HOMEPORT_DETACHED: ''}, {HOMEPORT_DETACHED: '1'}])('%j asks for nothing', env => {
  expect(backgroundRequest(env)).toBeUndefined()
})
