import {expect, test} from 'vitest'
import {appName} from '../../src/model/app.ts'

test.for([
  ['/home/me/My App', 'my-app'],
  ['/srv/$(touch x) "é"', 'touch-x'],
  ['/', 'app'],
  ['/a/日本', 'app'],
] as const)('the app in %s is %s', ([root, name]) => {
  expect(appName(root)).toBe(name)
})
