import {expect, test} from 'vitest'
import {judgeAnswer, parseUrlCheck, renderUrlCheck} from '../../src/model/url-check.ts'

test.for([
  ['/', {path: '/', status: 200}],
  ['/a=404', {path: '/a', status: 404}],
  ['/a=200~hello', {path: '/a', status: 200, text: 'hello'}],
  ['/a=200~', {path: '/a', status: 200, text: ''}],
  ['/s?q=200=200', {path: '/s?q=200', status: 200}],
  ['/s?q=200', {path: '/s?q', status: 200}],
  ['/a=20', {path: '/a=20', status: 200}],
  ['/a=200~x=404~y', {path: '/a', status: 200, text: 'x=404~y'}],
] as const)('%s is %j', ([text, check]) => {
  expect(parseUrlCheck(text)).toEqual(check)
})

test.for(['', 'a', 'http://x/'])('refuses %j', text => {
  expect(() => parseUrlCheck(text)).toThrow(expect.objectContaining({code: 'FLAG_INVALID'}))
})

test('an answer is judged by status and text', () => {
  const check = parseUrlCheck('/=200~hello')
  expect(judgeAnswer(check, {status: 200, body: 'say hello'})).toBeUndefined()
  expect(judgeAnswer(check, {status: 500, body: 'hello'})).toBe('the status is 500, not 200')
  expect(judgeAnswer(check, {status: 200, body: 'bye'})).toBe('the body does not contain “hello”')
  expect(renderUrlCheck(check)).toBe('GET / = 200 with “hello”')
})
